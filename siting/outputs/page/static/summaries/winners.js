/* The matrix of winners: an assumption a row, an option a column, in the cell the values that bring it first. */
import { bdi, byId, table } from '../dom.js';
import { optionName } from './elements.js';

export function speakWinners(page) {
  const { model, say, own } = page;
  const { columns, rows } = model.winners;
  const head = [say('winners.assumption'), ...columns.map((j) => optionName(page, j))];
  byId('winners').replaceChildren(table(head, rows.map((cells) => cells.map((cell) => bdi(own(cell))))));
}
