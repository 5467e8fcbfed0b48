/* Colours and shapes of the map. */
import { svg } from '../dom.js';

export const ROADS = {
  motorway: { casing: '#a8661f', fill: '#f3c27a', width: 5 },
  trunk: { casing: '#a98b3a', fill: '#f7e3a1', width: 4 },
  primary: { casing: '#a09a8d', fill: '#ffffff', width: 3 },
  other: { casing: '#b9b3a7', fill: '#ffffff', width: 2 },
};
export const BANDS = ['#08519c', '#2171b5', '#4292c6', '#6baed6', '#9ecae1', '#c6dbef'];
export const GAIN = '#0b7a6f';
export const LOSS = '#c25608';
// Shape and colour both tell an industry, so that neither grey print nor colour blindness hides it.
const SYMBOLS = [
  ['circle', '#b0413e'], ['square', '#1f5fa8'], ['triangle', '#7a5c00'], ['diamond', '#0b7a6f'],
  ['cross', '#8b3a8f'], ['star', '#c25608'], ['down', '#3c4fa0'], ['hexagon', '#4f6b1f'], ['bar', '#2b2b2b'],
];
const OTHER = ['ring', '#5b6876'];
const SHAPES = {
  circle: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
  square: 'm-3.6-3.6h7.2v7.2h-7.2z',
  triangle: 'm0-4.8l4.6 8h-9.2z',
  diamond: 'm0-5.2l4.4 5.2l-4.4 5.2l-4.4-5.2z',
  cross: 'm-1.5-4.6h3v3.1h3.1v3h-3.1v3.1h-3v-3.1h-3.1v-3h3.1z',
  star: 'm0-5.4l1.6 3.6l3.9.4l-2.9 2.6l.8 3.8l-3.4-2l-3.4 2l.8-3.8l-2.9-2.6l3.9-.4z',
  down: 'm0 4.8l-4.6-8h9.2z',
  hexagon: 'm-4.6 0l2.3-4h4.6l2.3 4l-2.3 4h-4.6z',
  bar: 'm-5-1.9h10v3.8h-10z',
  ring: 'm-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z',
};

/** Return path and colour of an industry's symbol. */
export function symbolOf(industry) {
  const [shape, colour] = SYMBOLS[industry] || OTHER;
  return { path: 'M0 0' + SHAPES[shape], colour };
}

export function symbol(industry) {
  const { path, colour } = symbolOf(industry);
  return svg('svg', { viewBox: '-6 -6 12 12', width: 14, height: 14, 'aria-hidden': 'true' },
    svg('path', { d: path, fill: colour }));
}
