/* Whole numbers and lines out of the packed text of packing.py. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
// Steps in a value of 1, as payload.py packs them.
const VALUE_STEPS = 1e10;
// Characters that hold three numbers, and the number that the first after them holds, less its sign.
const THREES = 27;
const ALONE = 18;
const DIGIT = Object.fromEntries([...DIGITS].map((digit, n) => [digit.charCodeAt(0), n]));

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

/** Turn columns by key into rows; a column may tell each of its values once, with its number in each row. */
export function rowsOf(columns) {
  const whole = Object.entries(columns).map(([key, told]) =>
    [key, Array.isArray(told) ? told : unpack(told.at).map((n) => told.of[n])]);
  return whole[0][1].map((_, n) => Object.fromEntries(whole.map(([key, column]) => [key, column[n]])));
}

/** Unpack numbers of which most are near 0: three in a character, one, or one as `unpack` has it. */
export function unpackClose(text) {
  const numbers = [];
  for (let i = 0; i < text.length; i++) {
    const digit = DIGIT[text.charCodeAt(i)];
    if (digit < THREES) numbers.push(Math.floor(digit / 9) - 1, (Math.floor(digit / 3) % 3) - 1, (digit % 3) - 1);
    else if (digit < 63) numbers.push(digit - THREES - ALONE);
    else {
      const start = i + 1;
      do i += 1; while (DIGIT[text.charCodeAt(i)] & 32);
      numbers.push(unpack(text.slice(start, i + 1))[0]);
    }
  }
  return numbers;
}

/** Add up steps; a missing one makes none. */
function walked(steps, scale) {
  let total = 0;
  return steps.map((step) => (step === null ? null : (total += step) / scale));
}

/** Unpack numbers from the steps between them. */
export const unpackSteps = (text, scale) => walked(unpack(text), scale);

/** Unpack columns by key, each told as what it differs from an earlier one. */
export function unpackColumns(packed) {
  const filled = [];
  return Object.fromEntries(Object.entries(packed).map(([key, [like, text]]) => {
    const other = filled[like];
    const column = walked(unpackClose(text), 1).map((n, i) => (n === null || !other ? n : n + other[i]));
    // Where a column knows nothing, its last number stands for it.
    let last = 0;
    filled.push(column.map((n) => (last = n === null ? last : n)));
    return [key, column];
  }));
}

/** Unpack a table of values of sites, row by row; a row of which nothing is known is empty. */
export function unpackTable(text, rows, columns) {
  const cells = unpack(text);
  return Array.from({ length: rows }, (_, j) => cells.slice(j * columns, (j + 1) * columns)
    .filter((cell) => cell !== null).map((cell) => cell / VALUE_STEPS));
}

/** Unpack lines of [lat, lon] pairs; a missing number stands between two lines. */
export function unpackLines(text, scale) {
  if (!text) return [];
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
