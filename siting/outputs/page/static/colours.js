/* Colours of all that the scripts draw; colours.py has those that plots and maps share, panel.css those of text. */

export const INK = '#1b2733';
export const MUTE = '#52606d';
export const BLUE = '#1f4e79';
export const GAIN = '#0b7a6f';
export const LOSS = '#c25608';
export const BANDS = ['#08519c', '#2171b5', '#4292c6', '#6baed6', '#9ecae1', '#c6dbef'];
// White on each can be read; a letter or a shape stands beside, and after the last come those of before.
export const SERIES = ['#0b5fa5', LOSS, GAIN, '#a3417c', '#6b4fa0', '#8a6d00', '#37717f', MUTE, INK];
export const GROUPS = [BLUE, '#2f8f83', '#c08a2e', '#8a6aa8', '#7d8894', '#b5655a'];
export const GAINS = ['#d5e8e5', '#8cc0b9', '#43998f', GAIN];
export const LOSSES = ['#eeb98c', LOSS];
// Ground of the map, of which nothing is told.
export const TINT = '#f0eee8';
export const EMPTY = '#d9d4c9';
export const ROAD = '#a09a8d';
export const MOTORWAY = ['#a8661f', '#f3c27a'];
export const TRUNK = ['#a98b3a', '#f7e3a1'];
