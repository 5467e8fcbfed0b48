/* Scores as dots on one axis, each with its interval over the draws, under the weights of the moment. */
import { standingUnder, unpackDraws } from '../core/draws.js';
import { grouped } from '../core/numbers.js';
import { el, svg } from '../dom.js';
import { isRanked, sameCutoff } from '../facts/standing.js';

// Options of which it is said how often they come first.
const NAMED = 3;

/** Weigh the draws anew; none are held for a cutoff that is not the study's. */
export function weighDraws(page) {
  const { model, result, view } = page;
  if (model.drawn && !view.draws) view.draws = unpackDraws(model.drawn);
  view.drawn = view.draws && sameCutoff(page) ? standingUnder(view.draws, result.weights) : null;
}

const endsOf = ({ view }, j) => (view.drawn && view.drawn.ends[j]) || null;

export function intervalText(page, j) {
  const ends = isRanked(page, j) && endsOf(page, j);
  return ends ? ends.map((end) => grouped(100 * end, 0)).join('–') : '';
}

/** Find the axis that holds all scores and intervals, in whole tens. */
export function axis(page) {
  const shown = page.model.options.map((_, j) => j).filter((j) => isRanked(page, j))
    .flatMap((j) => [page.result.score[j], ...(endsOf(page, j) || [])]);
  return [10 * Math.floor(10 * Math.min(...shown)), 10 * Math.ceil(10 * Math.max(...shown))];
}

export function dotsOf(page, j, [from, to]) {
  const at = (score) => (100 * (100 * score - from)) / (to - from || 1) + '%';
  const ends = endsOf(page, j);
  const colour = page.colourOf(j);
  const dot = svg('circle', { cx: at(page.result.score[j]), cy: '50%', r: 5, fill: colour });
  if (!ends) return [dot];
  const [x1, x2] = ends.map(at);
  return [svg('line', { x1, x2, y1: '50%', y2: '50%', 'stroke-width': 3, stroke: colour }), dot];
}

/** Say what dot and line are, where the axis begins and ends, and who is first how often under these weights. */
export function dotKeys(page, [low, high]) {
  const { say, join, percent, nameOf, view: { drawn } } = page;
  const line = (key) => el('span', { class: 'ticks', text: say(key, { low, high }) });
  if (!drawn) return [line('dots.alone')];
  const first = Object.keys(drawn.shares).map(Number).filter((j) => drawn.shares[j] > 0)
    .sort((a, b) => drawn.shares[b] - drawn.shares[a] || a - b).slice(0, NAMED);
  const items = join(first.map((j) => nameOf(j) + ' ' + percent(drawn.shares[j])));
  const error = grouped(100 / Math.sqrt(drawn.draws), 0);
  return [line('dots'), el('span', { text: say('dots.first', { n: drawn.draws, items, error }) })];
}
