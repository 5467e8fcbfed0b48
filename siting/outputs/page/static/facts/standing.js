/* What the result of the moment says of an option, and on whose weights and cutoff it rests. */
import { points } from '../core/numbers.js';
import { alike } from '../core/weights.js';

export const scoreOf = (page, j) => points(page.result.score[j]);

/** Whether an option has a rank: it needs a place, and there is something to rank places by. */
export const isRanked = ({ option, isUnranked }, j) => option(j).has_place && !isUnranked;

/** Say rank, name and score of an option in one line; the name alone where it is not ranked. */
export function describe(page, j) {
  const { result, say, nameOf } = page;
  if (!isRanked(page, j)) return nameOf(j);
  const values = { rank: result.rank[j], name: nameOf(j), score: scoreOf(page, j) };
  return say(result.failed[j] ? 'bar.failed' : 'bar', values);
}

/** List the options as they are shown: sites in their order, then those that need no place. */
export const shownOrder = ({ result, model }) =>
  [...result.order, ...model.options.map((_, j) => j).filter((j) => !result.order.includes(j))];

/** Leave out of a list of options what comes late, unless it is chosen or needs no place, so that many can be read. */
export function foremost({ model, state, option }, order) {
  const sites = order.filter((j) => option(j).has_place);
  const late = sites.slice(model.most).filter((j) => j !== state.site);
  return order.filter((j) => !late.includes(j));
}

/** Say of how many options a list holds the foremost; nothing where it holds all. */
export const leftOut = ({ model, say }) =>
  (model.listed.length < model.options.length ? say('foremost', { n: model.options.length, most: model.most }) : '');

/** Write the rank of an option: a failed one has a cross. */
export function rankOf(page, j) {
  const { result } = page;
  if (!isRanked(page, j)) return '';
  return result.failed[j] ? '×' : result.rank[j];
}

/** Whether weights and cutoff are the study's own; what it recommends or drew holds for these alone. */
export const sameWeights = ({ baseWeights, result }) => alike(baseWeights, result.weights);
export const sameCutoff = ({ state, model }) => state.cutoff === model.cutoff;
export const isBase = (page) => sameWeights(page) && sameCutoff(page);

/** Say on which weights and cutoff the result rests. */
export function basis(page) {
  const { say, model, state } = page;
  if (isBase(page)) return say(model.adopted ? 'weights.adopted' : 'weights.example');
  const key = sameCutoff(page) ? 'weights.own' : sameWeights(page) ? 'weights.cutoff' : 'weights.both';
  return say(key, { cutoff: state.cutoff });
}

/** Write a criterion and the points by which it sets two options apart. */
export function gapItem({ say, own, model }, { criterion, points: gap }) {
  const sign = gap > 0 ? '+' : '−';
  return say('why.item', { criterion: own(model.criteria[criterion].label), points: sign + points(Math.abs(gap)) });
}
