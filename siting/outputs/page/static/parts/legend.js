/* The legend of the map: symbols, roads, bands of minutes and layers. */
import { BANDS, GAIN, LOSS, MUTE, ROAD } from '../colours.js';
import { bdi, byId, el, svg } from '../dom.js';
import { ROADS, symbol } from '../map/symbols.js';

const key = (picture, text) => el('span', { class: 'key' }, picture, text);
const line = (title, keys) => el('div', { class: 'legend-line' }, el('b', { text: title }), ...keys);
const box = (shape) => svg('svg', { viewBox: '0 0 12 12', width: 14, height: 14, 'aria-hidden': 'true' }, shape);

function stroke(colour, width, dash, casing) {
  const node = svg('svg', { viewBox: '0 0 26 10', width: 26, height: 10, 'aria-hidden': 'true' });
  if (casing) node.append(svg('path', { d: 'M0 5h26', stroke: casing, 'stroke-width': width + 1.6 }));
  node.append(svg('path', { d: 'M0 5h26', stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash || 'none' }));
  return node;
}

const circle = (colour) =>
  box(svg('circle', { cx: 6, cy: 6, r: 5, fill: colour, 'fill-opacity': 0.45, stroke: colour }));

export function showLegend(page) {
  const { model, state, say, own } = page;
  const bands = bandKeys(page);
  byId('legend').replaceChildren(
    line(say('legend.firms'), model.industries.map((name, i) => key(symbol(i), bdi(own(name))))),
    line(say('legend.roads'), roadKeys(page)),
    ...(bands.length ? [line(say('legend.iso'), bands)] : []),
    line(say('layers'), [
      key(stroke(MUTE, 1.5), say('legend.flow', { cutoff: state.cutoff })),
      key(circle(GAIN), say('legend.saved')), key(circle(LOSS), say('legend.extra')),
      key(el('span', { class: 'sample uncertain', text: say('town') }), say('legend.uncertain')),
    ]));
}

function roadKeys({ model, say }) {
  const { groups } = model.layers.roads;
  const keys = Object.entries(ROADS).filter(([kind]) => groups.some((r) => r.class === kind))
    .map(([kind, style]) => key(stroke(style.fill, style.width - 1.6, null, style.casing), say('road.' + kind)));
  if (!groups.some((r) => r.believed)) return keys;
  return [...keys, key(stroke('#fff', 2, '6 5', ROAD), say('legend.believed'))];
}

function bandKeys({ model, state, option, placeOf }) {
  const bands = model.layers.isochrones[placeOf(option(state.site).id)] || [];
  return bands.map(([minutes]) => minutes).reverse().map((minutes, n) => {
    const fill = BANDS[Math.min(n, BANDS.length - 1)];
    return key(box(svg('rect', { width: 12, height: 12, fill, 'fill-opacity': 0.55 })), String(minutes));
  });
}
