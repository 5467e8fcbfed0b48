/* Cases with Python's results, as the test in Python hands them over. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

if (!process.env.SITING_CASES) throw new Error('run `python -m pytest tests/outputs/page/test_scripts.py`');

export const cases = JSON.parse(readFileSync(process.env.SITING_CASES, 'utf8'));

export function assertClose(found, expected, tolerance = 1e-9) {
  assert.equal(found.length, expected.length);
  found.forEach((n, i) => assert.ok(Math.abs(n - expected[i]) <= tolerance, `${n} for ${expected[i]} at ${i}`));
}
