/* Rows of enterprises, unpacked. Up to 5,000 each is a row of its own; above, a row is a group (township,
   industry, size) and each enterprise only a dot. */
import { unpack, unpackSteps } from './packing.js';

// Steps in a degree, as firms.py packs rows and dots.
const STEPS = 10000;
const DOT_STEPS = 2500;

const unpackAll = (texts, read) => Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, read(text)]));

/** Unpack the columns; join stems and tails to names, and give each enterprise a dot. */
export function unpackEnterprises(packed) {
  const firms = { ...packed, lon: unpackSteps(packed.lon, STEPS), lat: unpackSteps(packed.lat, STEPS) };
  ['industry', 'size', 'basis', 'tests', 'hours'].forEach((key) => (firms[key] = unpack(packed[key])));
  firms.town = unpackSteps(packed.town, 1);
  let before = firms.lon.map(() => 0);
  // Of each option what it saves more than the one before it.
  firms.saved = unpackAll(packed.saved, (text) => (before = unpack(text).map((more, n) => before[n] + more)));
  firms.minutes = unpackAll(packed.minutes, (text) => unpackSteps(text, 1));
  firms.rows = firms.lon.map((_, n) => n);
  if (packed.named) {
    const tails = unpack(packed.tail).map((tail) => (tail === null ? '' : String(tail).padStart(packed.width, '0')));
    firms.names = unpack(packed.stem).map((stem, n) => packed.stems[stem] + tails[n]);
    firms.dots = { lon: firms.lon, lat: firms.lat, row: firms.rows };
  } else {
    firms.count = unpack(packed.firms);
    const row = firms.count.flatMap((count, n) => Array(count).fill(n));
    const { lon, lat } = packed.dots;
    firms.dots = { lon: unpackSteps(lon, DOT_STEPS), lat: unpackSteps(lat, DOT_STEPS), row };
  }
  return firms;
}
