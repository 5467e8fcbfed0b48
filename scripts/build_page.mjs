/* Bundles the scripts of the decision page: `npm run build`, or with a folder to write to. The first line of
   the bundle names the hash of its sources, so that a test tells when a build is due. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, version } from 'esbuild';
import { minify } from 'terser';
import { leaflet, withoutUnnamed } from './leaflet_parts.mjs';

const PAGE = join(import.meta.dirname, '..', 'siting', 'outputs', 'page');
const SOURCES = join(PAGE, 'static');

/** Hash names and contents of all sources, sorted, line ends as in a repository. */
function hashOfSources() {
  const paths = readdirSync(SOURCES, { recursive: true }).map((path) => path.replaceAll('\\', '/'));
  const hash = createHash('sha256');
  paths.filter((path) => path.endsWith('.js')).sort().forEach((path) => {
    const text = readFileSync(join(SOURCES, path), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${path}\0${text}\0`, 'utf8');
  });
  return hash.digest('hex');
}

const written = { bundle: true, target: 'es2018', charset: 'utf8', legalComments: 'none', write: false };
const whole = await build({ ...written, entryPoints: [join(SOURCES, 'panel.js')], format: 'esm', plugins: [leaflet] });
const { outputFiles } = await build({
  ...written, stdin: { contents: withoutUnnamed(whole.outputFiles[0].text) }, format: 'iife', minify: true,
  // Leaflet's private names are long, and nothing outside the bundle reads them.
  mangleProps: /^_/, reserveProps: /^__|^_leaflet_/,
});
// What is known of the whole, a second look makes shorter: methods without `function`, constants in their places.
const { code } = await minify(outputFiles[0].text, {
  ecma: 2018, compress: { passes: 3, unsafe_methods: true }, format: { ecma: 2018 },
});
const notice = `/* sources sha256:${hashOfSources()}, built with esbuild ${version} */
/* with parts of Leaflet 1.9.4, (c) 2010-2023 Vladimir Agafonkin, (c) 2010-2011 CloudMade, BSD-2-Clause */
`;
writeFileSync(join(resolve(process.argv[2] || PAGE), 'bundle.js'), notice + code + '\n', 'utf8');
