import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpackEnterprises, unpackSavings } from '#page/core/enterprises.js';
import { firmHours } from '#page/core/firm_hours.js';
import { rowsOf, unpack, unpackColumns, unpackLines, unpackSteps, unpackTable } from '#page/core/packing.js';
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

test('columns told by what they differ from another read back, the unknown among them', () => {
  cases.columns.forEach(({ packed, columns }) => assert.deepEqual(unpackColumns(packed), columns));
});

test('values of sites read back to the last digit, an unranked site without any', () => {
  const { text, rows } = cases.table;
  assert.deepEqual(unpackTable(text, rows.length, rows[0].length), rows);
  assert.deepEqual(unpackTable('', 2, 0), [[], []]);
});

test('a column that tells each of its values once has a cell in every row', () => {
  const rows = rowsOf({ id: ['a', 'b', 'c'], kind: { of: ['build', ['x', 'y']], at: 'BDB' } });
  assert.deepEqual(rows.map(({ id, kind }) => [id, kind]), [['a', 'build'], ['b', ['x', 'y']], ['c', 'build']]);
});

test('packed lines read back as latitude and longitude', () => {
  const { text, scale, lines } = cases.lines;
  const found = unpackLines(text, scale);
  assert.equal(found.length, lines.length);
  assert.deepEqual(unpackLines('', scale), []);
  found.forEach((line, n) => assertClose(line.flat(), lines[n].flat()));
});

test('enterprises read back, each named or a dot', () => {
  cases.enterprises.forEach(({ packed, count, names, saved, middle }) => {
    const firms = unpackEnterprises(packed, {});
    assert.equal(firms.dots.row.length, count);
    if (names) assert.deepEqual([...firms.names].sort(), names);
    else assert.equal(sum(firms.count), count);
    Object.entries(saved).forEach(([option, total]) =>
      assert.ok(Math.abs(sum(firms.saved[option]) - total) <= firms.rows.length, option));
    const mean = (numbers) => sum(numbers) / numbers.length;
    assertClose([mean(firms.dots.lon), mean(firms.dots.lat)], middle, 5e-4);
  });
});

test('hours of an enterprise and its best option are those of its trips', () => {
  const [{ packed, hours, options }] = cases.enterprises;
  const firms = unpackEnterprises(packed, {});
  const today = options.indexOf('city');
  // Names that digits alone tell apart are unique in the toy.
  firms.names.forEach((name, n) => {
    const found = firmHours(firms, options, today, n);
    assert.deepEqual(found.saved, hours[name].saved);
    assert.deepEqual(found.hours, found.saved.map((saved) => hours[name].today - saved));
    assert.equal(found.best, hours[name].best);
    assert.deepEqual([...found.order].sort((a, b) => a - b), options.map((_, j) => j));
  });
});

test('what lines over minutes leave gives back every hour saved', () => {
  cases.savings.forEach(({ packed, minutes, same, expected }) => {
    assert.deepEqual({ ...unpackSavings(packed, minutes, same) }, expected);
  });
});

test('of an enterprise that is cut off today no hours are known, and none are saved', () => {
  const firms = { hours: [null], saved: { a: [0] } };
  const { best, saved, hours } = firmHours(firms, ['a', 'city'], 1, 0);
  assert.deepEqual({ best, saved, hours }, { best: 1, saved: [0, 0], hours: [null, null] });
});
