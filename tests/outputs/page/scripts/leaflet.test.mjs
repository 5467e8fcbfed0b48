import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutUnnamed } from '../../../../scripts/leaflet_parts.mjs';

const CODE = `var A = extend({
  // fly(): goes there, see land
  fly: function(to) {
    if (to) {
      this.land(to);
    }
  },
  land: function(to) {
  },
  walk: function() {
    return { fly: true };
  }
});
new A().walk();
`;

test('a method that nothing names is left out, and what it alone names with it', () => {
  assert.equal(withoutUnnamed(CODE), `var A = extend({
  // fly(): goes there, see land
  walk: function() {
    return { fly: true };
  }
});
new A().walk();
`);
});

test('what is named in a text or by a variable is kept', () => {
  const [called, taken] = [CODE + 'invoke("fly");\n', CODE + 'const { fly } = new A();\n'];
  assert.equal(withoutUnnamed(called), called);
  assert.equal(withoutUnnamed(taken), taken);
});
