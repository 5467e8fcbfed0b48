/* What moves the lead of the first option most: a bar an assumption, from the smallest lead to the largest. */
import { GAIN, INK, LOSS } from '../colours.js';
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, isWide, svg } from '../dom.js';
import { isBase } from '../facts/standing.js';

export function buildTornado(page) {
  const view = { title: el('summary'), told: el('p'), bars: el('div', { class: 'leads' }) };
  view.place = el('details', { id: 'tornado', open: isWide() }, view.title, view.told, view.bars);
  byId('checklist').before(view.place);
  page.view.tornado = view;
}

/** Leads were worked out for the study's own weights and cutoff: for others nothing is shown. */
export function showTornado(page) {
  const [, ...rows] = page.model.leads;
  page.view.tornado.place.hidden = !rows.length || !isBase(page);
}

export function speakTornado(page) {
  const { model, say, own, nameById, view: { tornado } } = page;
  const [now, ...rows] = model.leads;
  if (!rows.length) return;
  const ends = rows.flatMap(([, low, high]) => [low, high]);
  const [from, to] = [Math.min(0, now, ...ends), Math.max(0, now, ...ends)];
  const at = (points) => (100 * (points - from)) / (to - from || 1);
  tornado.title.textContent = say('tornado');
  tornado.told.textContent =
    say('tornado.title', { name: nameById(model.robustness.winner), now: grouped(now, 1) });
  tornado.bars.replaceChildren(...rows.flatMap(([what, low, high, ...values]) =>
    [bdi(own(what)), bar(at, now, low, high), bdi(endsText(page, [low, high], values))]));
}

/** Draw the part below 0, where another option leads, apart from the rest; lines at 0 and at the lead of today. */
function bar(at, now, low, high) {
  const [start, end] = [Math.min(low, now), Math.max(high, now)];
  const piece = (a, b, fill) => (b > a
    ? [svg('rect', { x: at(a) + '%', width: at(b) - at(a) + '%', y: 3, height: 10, fill })] : []);
  const line = (x, dash) => svg('line', { x1: x, x2: x, y1: 0, y2: 16, stroke: INK, 'stroke-dasharray': dash });
  return svg('svg', { 'aria-hidden': 'true' },
    ...piece(start, Math.min(0, end), LOSS), ...piece(Math.max(0, start), end, GAIN),
    line(at(0) + '%', 'none'), line(at(now) + '%', '2 2'));
}

function endsText({ say, own, join }, leads, values) {
  const items = leads.map((lead, n) => say('pair.colon', { a: own(values[n]), b: grouped(lead, 1) }));
  return join(leads[0] === leads[1] ? items.slice(1) : items, 'stop');
}
