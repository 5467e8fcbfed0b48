/* Whole numbers and lines out of the packed text of packing.py. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const DIGIT = Object.fromEntries([...DIGITS].map((digit, n) => [digit.charCodeAt(0), n]));

/** Turn columns by key into rows. */
export const rowsOf = (columns) => Object.values(columns)[0].map((_, n) =>
  Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, column[n]])));

/** Unpack whole numbers, null where one is missing. */
export function unpack(text) {
  const numbers = [];
  let code = 0;
  let place = 1;
  for (let i = 0; i < text.length; i++) {
    const digit = DIGIT[text.charCodeAt(i)];
    code += (digit & 31) * place;
    place *= 32;
    if (digit & 32) continue;
    const folded = code - 1;
    numbers.push(code === 0 ? null : folded % 2 ? -(folded + 1) / 2 : folded / 2);
    code = 0;
    place = 1;
  }
  return numbers;
}

/** Unpack numbers from the steps between them; a missing one makes no step. */
export function unpackSteps(text, scale) {
  let total = 0;
  return unpack(text).map((step) => (step === null ? null : (total += step) / scale));
}

/** Unpack lines of [lat, lon] pairs; a missing number stands between two lines. */
export function unpackLines(text, scale) {
  const steps = unpack(text);
  const lines = [[]];
  let x = 0;
  let y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    if (steps[i] === null) {
      lines.push([]);
      i += 1;
    }
    x += steps[i];
    y += steps[i + 1];
    lines[lines.length - 1].push([y / scale, x / scale]);
  }
  return lines;
}
