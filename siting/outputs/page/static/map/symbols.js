/* Colours and shapes of the map. */
import { GAIN, LOSS, MOTORWAY, MUTE, ROAD, SERIES, TRUNK } from '../colours.js';
import { svg } from '../dom.js';

const road = ([casing, fill], width) => ({ casing, fill, width });
export const ROADS = {
  motorway: road(MOTORWAY, 5), trunk: road(TRUNK, 4), primary: road([ROAD, '#fff'], 3), other: road([ROAD, '#fff'], 2),
};
// Shape and colour both tell an industry, so that neither grey print nor colour blindness hides it.
const [BLUE, , , PINK, PURPLE, OLIVE, TEAL, SLATE, BLACK] = SERIES;
const SYMBOLS = [
  ['circle', PINK], ['square', BLUE], ['triangle', OLIVE], ['diamond', GAIN], ['cross', PURPLE], ['star', LOSS],
  ['down', TEAL], ['hexagon', SLATE], ['bar', BLACK],
];
const OTHER = ['ring', MUTE];
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
