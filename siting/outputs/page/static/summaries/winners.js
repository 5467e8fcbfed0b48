/* The matrix of winners: an assumption a row, an option a column, in the cell the values that bring it first. */
import { bdi, byId, el, table } from '../dom.js';
import { fold, optionName, scroll } from './elements.js';

export function speakWinners(page) {
  const { model, say, own } = page;
  const { columns, rows, ends, still } = model.winners;
  const head = () => [say('winners.assumption'), ...columns.map((j) => optionName(page, j))];
  const matrix = (lines) => table(head(), lines.map((cells) => cells.map((cell) => bdi(own(cell)))), 'plain matrix');
  byId('winners').replaceChildren(
    ...(rows.length ? [scroll(say('winners'), matrix(rows))] : []),
    ...(ends.length ? [fold(page, 'winners.ends', matrix(ends), { n: ends.length })] : []),
    el('p', { class: 'note', text: say('winners.hint') + own(still) }));
}
