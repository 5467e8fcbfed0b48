/* Numbers as officials write them; the same as siting.outputs.text.wording. */
import { fill } from './words.js';

/** Write a number with thousands apart and a true minus sign. */
export function grouped(value, digits) {
  const fixed = Math.abs(value).toFixed(digits);
  const [whole, fraction] = fixed.split('.');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? '.' + fraction : '');
  return value < 0 && Number(fixed) !== 0 ? '−' + text : text;
}

/** Write a multiple with one decimal, or as many more as tell it from 0 and from 1. */
export const multiple = (value) =>
  grouped(value, [1, 2, 3].find((n) => ![0, 1].includes(Number(value.toFixed(n)))) || 1);

/** Write a score of 0..1 as points of 100. */
export const points = (value) => grouped(100 * value, 1);

/** Write a raw value with its unit; null is missing, 'inf' unreachable (JSON knows neither). */
export function number(value, form, word) {
  if (value === null || value === undefined) return word('number.missing');
  if (value === 'inf') return word('number.unreachable');
  const scaled = form === 'share' ? 100 * value : value;
  const digits = form === 'hours' || form === 'wan' || Math.abs(scaled) >= 1000 ? 0 : 1;
  return fill(word('number.' + form), { n: grouped(scaled, digits) });
}
