/* Values and weights → contributions → scores → order. The same rules as siting.analysis.decision.scoring;
   a test holds the two equal to 1e-9. */
import { strip } from './strips.js';
import { effectiveWeights, exactSum, normalised } from './weights.js';

export const DECIMALS = 1e12;

export const contributions = (values, weights) => values.map((row) => row.map((v, k) => v * weights[k]));
export const scores = (parts) => parts.map((row) => Math.round(exactSum(row) * DECIMALS) / DECIMALS);

/** Order and rank options: failed ones last, equal scores share the better rank, ids settle the order. */
export function ranking(score, ids, failed, nearTie) {
  const key = score.map((s, j) => s - (failed[j] ? 2 : 0));
  const rank = key.map((mine) => 1 + key.filter((other) => other > mine).length);
  const byId = (a, b) => (ids[a] < ids[b] ? -1 : ids[a] > ids[b] ? 1 : 0);
  const order = ids.map((_, j) => j).sort((a, b) => rank[a] - rank[b] || byId(a, b));
  const best = Math.max(...score.filter((_, j) => !failed[j]));
  const near = score.map((s, j) => !failed[j] && s >= best - nearTie - 1 / DECIMALS);
  const tied = near.filter(Boolean).length > 1;
  return { order, rank, tie: near.map((n) => n && tied) };
}

/** Score each option in each group, 0..1, with the weights inside the group. */
export function groupValues(values, withinWeights, groupOf, groups) {
  return values.map((row) =>
    Array.from({ length: groups }, (_, g) => {
      const members = row.map((_value, k) => k).filter((k) => groupOf[k] === g);
      const total = exactSum(members.map((k) => withinWeights[k]));
      return total > 0 ? exactSum(members.map((k) => withinWeights[k] * row[k])) / total : 0;
    }),
  );
}

/** Rank the options that need a place; the others are in no order and have no rank. */
function rankSites(model, score) {
  const sites = model.options.map((_, j) => j).filter((j) => model.options[j].has_place);
  const failed = model.options.map((o) => o.verdict === 'fail');
  const of = (list) => sites.map((j) => list[j]);
  const found = ranking(of(score), of(model.options.map((o) => o.id)), of(failed), model.near_tie);
  const apart = (list) => model.options.map((_, j) => list[sites.indexOf(j)]);
  const order = found.order.map((n) => sites[n]);
  return { order, rank: apart(found.rank), tie: apart(found.tie), failed, running: order.filter((j) => !failed[j]) };
}

/** Compute everything that follows from values and weights. */
export function assess(model, values, groupWeights, withinWeights) {
  const groupOf = model.criteria.map((c) => c.group);
  const weights = effectiveWeights(groupWeights, withinWeights, groupOf);
  const parts = contributions(values, weights);
  const score = scores(parts);
  const ranked = rankSites(model, score);
  const shares = normalised(groupWeights);
  const fallback = model.groups.map((g) => g.weight);
  const byGroup = groupValues(values, withinWeights, groupOf, shares.length);
  const strips = shares.map((_, g) => strip(byGroup, shares, g, fallback, ranked.running));
  return { weights, parts, score, ...ranked, shares, byGroup, strips, values };
}
