/* Elements that the summaries share: wide tables, folds, heads. */
import { bdi, el } from '../dom.js';

export const scroll = (label, content) =>
  el('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': label }, content);

export const fold = ({ say }, key, content) =>
  el('details', {}, el('summary', { text: say(key) }), scroll(say(key), content));

export const heads = ({ say }, ...keys) => keys.map((key) => say(key));

export const optionName = ({ chip, nameOf }, j) => el('span', {}, chip(j), ' ', bdi(nameOf(j)));

/** Put texts back where the number of an earlier row stands for its text in that column; see payload.py. */
export const unrepeated = (rows) =>
  rows.map((row) => row.map((cell, k) => (typeof cell === 'number' ? rows[cell][k] : cell)));
