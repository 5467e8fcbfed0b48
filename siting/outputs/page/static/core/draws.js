/* Draws of everything uncertain but the weights: who is first, and between which scores, under any weights. */
import { unpack } from './packing.js';

// Values are packed in hundredths; see winners_table.py.
const STEPS = 100;
const [LOW, HIGH] = [0.05, 0.95];

/** Unpack values, draw × site × criterion, 0..1. */
export function unpackDraws({ sites, criteria, mean, moved }) {
  const usual = unpack(mean);
  const all = unpack(moved);
  const values = Array.from({ length: all.length / usual.length }, (_, d) => sites.map((_site, s) =>
    criteria.map((_criterion, k) => {
      const at = s * criteria.length + k;
      return (usual[at] + all[d * usual.length + at]) / STEPS;
    })));
  return { sites, criteria, values };
}

/** Read a quantile of sorted numbers, between neighbours in proportion. */
function quantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Score the sites in every draw; return by option its share of first places, and the ends of its scores. */
export function standingUnder({ sites, criteria, values }, weights) {
  const used = criteria.map((k) => weights[k]);
  const scores = values.map((ofSites) => ofSites.map((row) => row.reduce((total, v, k) => total + v * used[k], 0)));
  const wins = sites.map(() => 0);
  scores.forEach((row) => {
    wins[row.indexOf(Math.max(...row))] += 1;
  });
  const shares = {};
  const ends = {};
  sites.forEach((j, s) => {
    const sorted = scores.map((row) => row[s]).sort((a, b) => a - b);
    shares[j] = wins[s] / values.length;
    ends[j] = [quantile(sorted, LOW), quantile(sorted, HIGH)];
  });
  return { shares, ends, draws: values.length };
}
