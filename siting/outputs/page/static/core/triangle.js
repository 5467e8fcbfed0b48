/* Who is first over all splits of weight among three groups: a convex piece of a triangle for each winner. */
import { contenders } from './strips.js';
import { sum } from './weights.js';

const CORNERS = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/** Cut a polygon of shares where a function that is linear in them is not below 0. */
function clip(polygon, f) {
  return polygon.flatMap((point, n) => {
    const next = polygon[(n + 1) % polygon.length];
    const [a, b] = [f(point), f(next)];
    const kept = a >= 0 ? [point] : [];
    if (a * b >= 0) return kept;
    return [...kept, point.map((share, k) => share + (a / (a - b)) * (next[k] - share))];
  });
}

const areaOf = (polygon) => Math.abs(sum(polygon.map(([x, y], n) => {
  const [u, v] = polygon[(n + 1) % polygon.length];
  return x * v - u * y;
})));

/** Score each option with all that three groups weigh together given to one of them; other weights are held. */
export function cornerScores(byGroup, shares, three) {
  const all = sum(three.map((g) => shares[g]));
  return byGroup.map((row) => {
    const held = sum(row.map((value, g) => (three.includes(g) ? 0 : shares[g] * value)));
    return three.map((g) => held + all * row[g]);
  });
}

/** Find the piece of the triangle that each option wins, and its part of the whole; the largest first. */
export function winnerPieces(corners, running) {
  const able = contenders(corners, running);
  const pieces = able.map((j) => {
    const better = (i) => (point) => sum(point.map((share, k) => share * (corners[j][k] - corners[i][k])));
    const polygon = able.filter((i) => i !== j)
      .reduce((left, i) => (left.length ? clip(left, better(i)) : left), CORNERS);
    return { winner: j, polygon, share: areaOf(polygon) };
  });
  return pieces.filter(({ share }) => share > 1e-9).sort((a, b) => b.share - a.share || a.winner - b.winner);
}
