/* The same limits as for the Python code: short files, short functions, nothing unused or undefined. */
import js from '@eslint/js';
import globals from 'globals';

const STATIC = 'siting/outputs/page/static';

export default [
  { ignores: ['.venv/', 'docs/_site/', 'maps/', 'siting/outputs/page/bundle.js'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'max-len': ['error', 120],
      'no-shadow': 'error',
      'no-unused-vars': ['error', { args: 'after-used', argsIgnorePattern: '^_' }],
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Arithmetic in `core` touches no document: `node --test` runs it.
    files: [`${STATIC}/**`],
    ignores: [`${STATIC}/core/**`],
    languageOptions: { globals: globals.browser },
    // Globals of a browser for which a forgotten variable passes.
    rules: { 'no-restricted-globals': ['error', 'event', 'find', 'length', 'name', 'parent', 'status', 'top'] },
  },
  {
    // Scripts of the folium maps are inlined as they are, one after the other.
    files: ['siting/outputs/maps/static/**'],
    languageOptions: { sourceType: 'script', globals: { ...globals.browser, L: 'readonly', siting: 'readonly' } },
  },
  { files: ['scripts/**', 'tests/**'], languageOptions: { globals: globals.node } },
];
