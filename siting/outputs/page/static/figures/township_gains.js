/* The map of hours a year that the enterprises of each township save under the chosen option. */
import { EMPTY, GAINS, LOSS } from '../colours.js';
import { bdi, el, swatch } from '../dom.js';
import { hours, savedBy } from '../facts/enterprises.js';
import { drawAreas } from './areas.js';

const NAMED = 3;

/** Round up to 1, 2 or 5 times a power of ten. */
function round(n) {
  const ten = 10 ** Math.floor(Math.log10(n));
  return ten * [1, 2, 5, 10].find((step) => step * ten >= n);
}

export function townshipGains(page) {
  const { model, state, say, join, nameOf, firms, view: { townships: { areas, known } } } = page;
  // Where no trip is saved the rows hold minutes by which help comes sooner, which have no sum.
  if (!model.economics) return [];
  const saved = areas.list.map(() => 0);
  firms.rows.filter((row) => areas.of[row] >= 0)
    .forEach((row) => (saved[areas.of[row]] += savedBy(page, state.site, row)));
  const most = Math.max(...saved);
  if (!(most > 0)) return [];
  const step = round(most / GAINS.length);
  const paint = ({ n, isEmpty }) => {
    if (isEmpty) return [EMPTY];
    return saved[n] < 0 ? [LOSS, '−'] : [GAINS[Math.min(GAINS.length - 1, Math.floor(saved[n] / step))]];
  };
  const largest = [...known].sort((a, b) => saved[b.n] - saved[a.n] || a.n - b.n).slice(0, NAMED);
  const items = join(largest.map(({ n, name }) => name() + ' ' + say('unit.hours', { n: hours(saved[n]) })));
  const told = say('townships.most', { name: nameOf(state.site), items });
  const keys = GAINS.map((colour, n) => el('span', {}, swatch(colour), hours(n * step)));
  const scale = el('div', { class: 'keys ticks' }, ...keys, say('townships.from'));
  return [el('figure', { class: 'beside' }, drawAreas(areas, told, paint), el('figcaption', {}, bdi(told), scale))];
}
