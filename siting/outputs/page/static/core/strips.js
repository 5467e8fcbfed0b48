/* Who is first along one weight: the coloured strips below the sliders. */
import { sum, withShare } from './weights.js';

/** Keep the options that none before equals and none beats: only these can be first between the ends that rows hold. */
export function contenders(rows, running) {
  const isBelow = (j, i) => rows[j].every((value, k) => value <= rows[i][k]);
  return running.filter((j, n) => !running.some((i, m) => i !== j && isBelow(j, i) && (m < n || !isBelow(i, j))));
}

/** Find exact pieces by winner while lines start + t × (end − start) compete for t in 0..1. */
export function envelope(start, end, running) {
  if (!running.length) return [];
  const at = (j, t) => start[j] + t * (end[j] - start[j]);
  const cuts = [0, 1];
  running.forEach((i, n) =>
    running.slice(n + 1).forEach((j) => {
      const slope = end[i] - start[i] - (end[j] - start[j]);
      const t = (start[j] - start[i]) / slope;
      if (t > 0 && t < 1) cuts.push(t);
    }),
  );
  cuts.sort((a, b) => a - b);
  const pieces = [];
  for (let n = 1; n < cuts.length; n++) {
    if (cuts[n] - cuts[n - 1] < 1e-12) continue;
    const middle = (cuts[n] + cuts[n - 1]) / 2;
    const winner = running.reduce((best, j) => (at(j, middle) > at(best, middle) ? j : best));
    const last = pieces[pieces.length - 1];
    if (last && last.winner === winner) last.to = cuts[n];
    else pieces.push({ from: cuts[n - 1], to: cuts[n], winner });
  }
  return pieces;
}

/** Find the pieces of one group's weight from 0 to 1, the others in proportion. */
export function strip(byGroup, shares, moved, fallback, running) {
  const without = withShare(shares, moved, 0, fallback);
  const start = byGroup.map((row) => sum(row.map((v, g) => v * without[g])));
  const end = byGroup.map((row) => row[moved]);
  // Without those that never lead, many options cross no oftener than a few.
  return envelope(start, end, contenders(start.map((value, j) => [value, end[j]]), running));
}
