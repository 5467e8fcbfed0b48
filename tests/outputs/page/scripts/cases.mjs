/* Cases with Python's results, as the test in Python hands them over. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rowsOf, unpackTable } from '#page/core/packing.js';

if (!process.env.SITING_CASES) throw new Error('run `python -m pytest tests/outputs/page/test_scripts.py`');

export const cases = JSON.parse(readFileSync(process.env.SITING_CASES, 'utf8'));

/** Unpack the toy's model, and its values at the cutoff of the scenario. */
export function unpackedStrips() {
  const model = { ...cases.strips.model, options: rowsOf(cases.strips.model.options) };
  const { table } = model.values.find((entry) => !entry.columns);
  return { model, values: unpackTable(table, model.options.length, model.criteria.length) };
}

export function assertClose(found, expected, tolerance = 1e-9) {
  assert.equal(found.length, expected.length);
  found.forEach((n, i) => assert.ok(Math.abs(n - expected[i]) <= tolerance, `${n} for ${expected[i]} at ${i}`));
}
