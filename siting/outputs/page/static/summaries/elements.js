/* Elements that the summaries share: wide tables, folds, heads. */
import { bdi, el } from '../dom.js';

export const scroll = (label, content) =>
  el('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': label }, content);

export const fold = ({ say }, key, content) =>
  el('details', {}, el('summary', { text: say(key) }), scroll(say(key), content));

export const heads = ({ say }, ...keys) => keys.map((key) => say(key));

export const optionName = ({ chip, nameOf }, j) => el('span', {}, chip(j), ' ', bdi(nameOf(j)));
