/* Why an option stands where it does, and what it would need to come first. */
import { DECIMALS } from './scoring.js';

// Differences that print as 0.0 points are not worth a sentence.
export const NOTICEABLE = 0.0005;

/** Compare contributions with a rival's, largest first; name the criterion that loses most points. */
export function reasons(parts, weights, option, rival) {
  const gaps = parts[option].map((p, k) => ({ criterion: k, points: rival === null ? 0 : p - parts[rival][k] }));
  const by = (sign) => (a, b) => sign * (b.points - a.points) || a.criterion - b.criterion;
  const lost = parts[option].map((p, k) => weights[k] - p);
  return {
    ahead: gaps.filter((g) => g.points >= NOTICEABLE).sort(by(1)).slice(0, 3),
    behind: gaps.filter((g) => g.points <= -NOTICEABLE).sort(by(-1)).slice(0, 3),
    weakest: lost.reduce((worst, l, k) => (l > lost[worst] + 1 / DECIMALS ? k : worst), 0),
    lost,
  };
}

/** Find the value that lifts an option to the winner in each criterion alone; null where 1 is not enough. */
export function neededValues(values, weights, score, option, winner) {
  const gap = score[winner] - score[option];
  return values[option].map((v, k) => {
    const need = v + gap / weights[k];
    return weights[k] > 0 && need <= 1 ? need : null;
  });
}

/** Find the fewest criteria, costliest first, that together lift an option level; null if none do. */
export function neededTogether(values, weights, score, option, winner, allowed) {
  const lost = (k) => weights[k] * (1 - values[option][k]);
  const order = weights.map((_, k) => k).filter((k) => allowed[k] && lost(k) > 1 / DECIMALS)
    .sort((a, b) => lost(b) - lost(a) || a - b);
  let missing = score[winner] - score[option];
  const needed = [];
  order.forEach((k) => {
    if (missing <= 1 / DECIMALS) return;
    needed.push({ criterion: k, value: Math.min(1, values[option][k] + missing / weights[k]) });
    missing -= lost(k);
  });
  return missing <= 1 / DECIMALS ? needed : null;
}

/** Find the nearest share of each group that alone brings an option to first place. */
export function neededShares(strips, shares, option) {
  const found = [];
  strips.forEach((pieces, group) => {
    const ends = pieces
      .filter((p) => p.winner === option)
      .map((p) => (p.from > shares[group] ? p.from : p.to));
    if (!ends.length) return;
    const nearest = ends.reduce((a, b) => (Math.abs(b - shares[group]) < Math.abs(a - shares[group]) ? b : a));
    found.push({ group, share: nearest });
  });
  return found;
}
