/* Rows of enterprises, unpacked. Up to 5,000 each is a row of its own; above, a row is a group (township,
   industry, size) and each enterprise only a dot. */
import { unpack, unpackClose, unpackColumns, unpackSteps } from './packing.js';

// Steps in a degree, as firms.py packs rows and dots.
const STEPS = 10000;
const DOT_STEPS = 2500;
// Steps in an hour a minute, as savings.py packs lines, and of these in a step of hours.
const RATE_SCALE = 256;
const EACH = 16;

/** Unpack the columns; join stems and tails to names, and give each enterprise a dot. */
export function unpackEnterprises(packed, same) {
  const firms = { ...packed, lon: unpackSteps(packed.lon, STEPS), lat: unpackSteps(packed.lat, STEPS) };
  ['industry', 'size', 'basis', 'tests', 'hours'].forEach((key) => (firms[key] = unpack(packed[key])));
  firms.town = unpackSteps(packed.town, 1);
  firms.minutes = unpackColumns(packed.minutes);
  firms.saved = unpackSavings(packed, firms.minutes, same);
  firms.rows = firms.lon.map((_, n) => n);
  if (packed.named) {
    const tails = unpack(packed.tail).map((tail) => (tail === null ? '' : String(tail).padStart(packed.width, '0')));
    const joined = (stems) => unpack(packed.stem).map((stem, n) => stems[stem] && stems[stem] + tails[n]);
    firms.names = joined(packed.stems);
    // Pinyin, empty where a name has no Chinese.
    firms.spelt = joined(packed.spelt || []);
    firms.dots = { lon: firms.lon, lat: firms.lat, row: firms.rows };
  } else {
    firms.spelt = [];
    firms.count = unpack(packed.firms);
    const row = firms.count.flatMap((count, n) => Array(count).fill(n));
    const { lon, lat } = packed.dots;
    firms.dots = { lon: unpackSteps(lon, DOT_STEPS), lat: unpackSteps(lat, DOT_STEPS), row };
  }
  return firms;
}

/** Unpack hours by option; `minutes` are those of places, `same` tells which option's place is another's. */
export function unpackSavings({ saved, rest, rate, base }, minutes, same) {
  const found = {};
  let before = null;
  // Of each option what it saves more than the one before it.
  Object.entries(saved).forEach(([id, text]) => {
    before = unpack(text).map((more, n) => (before ? before[n] : 0) + more);
    found[id] = before;
  });
  if (!rest) return found;
  const [rates, bases] = [unpack(rate), unpack(base)];
  Object.entries(rest).forEach(([id, text]) => {
    const left = unpackClose(text);
    const onLine = (m, n) => (m === null ? 0 : Math.floor((EACH * bases[n] + rates[n] * m) / RATE_SCALE + 0.5));
    found[id] = minutes[same[id] || id].map((m, n) => (left[n] === null ? null : left[n] + onLine(m, n)));
  });
  return found;
}
