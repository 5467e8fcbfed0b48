/* Weights of groups and criteria: scaled, multiplied, and moved one at a time. */

export const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

/** Sum with Neumaier's correction, so that the order of criteria cannot make or break a tie. */
export function exactSum(numbers) {
  let total = 0;
  let lost = 0;
  for (const n of numbers) {
    const next = total + n;
    lost += Math.abs(total) >= Math.abs(n) ? total - next + n : n - next + total;
    total = next;
  }
  return total + lost;
}

/** Scale weights to sum 1; all zero means all equal. */
export function normalised(weights) {
  const largest = Math.max(...weights);
  if (!(largest > 0)) return weights.map(() => 1 / weights.length);
  const scaled = weights.map((w) => w / largest);
  const total = exactSum(scaled);
  return scaled.map((w) => w / total);
}

/** Multiply each group's share by the criterion's share within the group. */
export function effectiveWeights(groupWeights, withinWeights, groupOf) {
  const open = groupWeights.map((_, g) => withinWeights.some((w, k) => groupOf[k] === g && w > 0));
  // A group in which every criterion has weight zero has nothing to hand out.
  const shares = normalised(groupWeights.map((w, g) => (open[g] ? w : 0)));
  return withinWeights.map((w, k) => {
    const members = withinWeights.filter((_, i) => groupOf[i] === groupOf[k]);
    const total = exactSum(members);
    return total > 0 ? (shares[groupOf[k]] * w) / total : 0;
  });
}

/** Move one weight to a share; the others keep their proportions (or `fallback`'s, if all were zero). */
export function withShare(weights, moved, share, fallback) {
  let rest = weights.map((w, i) => (i === moved ? 0 : w));
  if (!(sum(rest) > 0)) rest = fallback.map((w, i) => (i === moved ? 0 : w));
  if (!(sum(rest) > 0)) rest = weights.map((_, i) => (i === moved ? 0 : 1));
  const scale = (1 - share) / sum(rest);
  return rest.map((w, i) => (i === moved ? share : w * scale));
}

/** Round weights as the permalink writes them, so that a link gives back the very same numbers. */
export const rounded = (weights) => weights.map((w) => Number(w.toFixed(9)));

/** Compare two lists of weights up to what rounding does. */
export const alike = (a, b) => a.every((n, i) => Math.abs(n - b[i]) < 1e-6);
