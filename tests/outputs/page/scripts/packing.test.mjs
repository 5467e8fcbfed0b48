import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpackEnterprises } from '#page/core/enterprises.js';
import { unpack, unpackLines, unpackSteps } from '#page/core/packing.js';
import { sum } from '#page/core/weights.js';
import { assertClose, cases } from './cases.mjs';

test('packed numbers read back as Python wrote them', () => {
  assert.deepEqual(unpack(cases.packing.text), cases.packing.numbers);
  assert.deepEqual(unpack(''), []);
});

test('a missing number makes no step', () => {
  assert.deepEqual(unpack('DAF'), [1, null, 2]);
  assert.deepEqual(unpackSteps('DAF', 10), [0.1, null, 0.3]);
});

test('packed lines read back as latitude and longitude', () => {
  const { text, scale, lines } = cases.lines;
  const found = unpackLines(text, scale);
  assert.equal(found.length, lines.length);
  found.forEach((line, n) => assertClose(line.flat(), lines[n].flat()));
});

test('enterprises read back, each named or a dot', () => {
  cases.enterprises.forEach(({ packed, count, names, saved, middle }) => {
    const firms = unpackEnterprises(packed);
    assert.equal(firms.dots.row.length, count);
    if (names) assert.deepEqual([...firms.names].sort(), names);
    else assert.equal(sum(firms.count), count);
    Object.entries(saved).forEach(([option, total]) =>
      assert.ok(Math.abs(sum(firms.saved[option]) - total) <= firms.rows.length, option));
    const mean = (numbers) => sum(numbers) / numbers.length;
    assertClose([mean(firms.dots.lon), mean(firms.dots.lat)], middle, 5e-4);
  });
});
