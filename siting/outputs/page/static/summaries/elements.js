/* Elements that the summaries share: wide tables, folds, heads. */
import { bdi, el } from '../dom.js';

/** Let content scroll sideways where it is wider than its place; the keyboard reaches it then alone. */
export function scroll(label, content) {
  const node = el('div', { class: 'wide', role: 'group', 'aria-label': label }, content);
  watchWidth(node);
  return node;
}

/** Give what scrolls sideways a tab stop, and take it away where everything fits. */
export function watchWidth(node) {
  new ResizeObserver(() => {
    if (node.scrollWidth > node.clientWidth + 1) node.tabIndex = 0;
    else node.removeAttribute('tabindex');
  }).observe(node);
}

export const fold = ({ say }, key, content, values) =>
  el('details', {}, el('summary', { text: say(key, values) }), scroll(say(key, values), content));

/** Write a note below a table or list, where there is something to say. */
export const noteOf = (text) => (text ? [el('p', { class: 'note', text })] : []);

export const heads = ({ say }, ...keys) => keys.map((key) => say(key));

export const optionName = ({ chip, nameOf }, j) => el('span', {}, chip(j), ' ', bdi(nameOf(j)));

/** Put texts back where the number of an earlier row stands for its text in that column; see payload.py. */
export const unrepeated = (rows, own) =>
  rows.map((row) => row.map((cell, k) => (typeof cell === 'number' ? rows[cell][k] : cell)))
    .map((row) => row.map((cell) => (Array.isArray(cell) ? own(cell) : cell)));
