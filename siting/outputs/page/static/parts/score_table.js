/* The table of scores: each criterion's figure, value and points for each option. */
import { points } from '../core/numbers.js';
import { bdi, byId, el, table } from '../dom.js';
import { isRanked, scoreOf, shownOrder } from '../standing.js';
import { rawAt } from '../values.js';

export function showTable(page) {
  const { model, result, state, say, percent, nameOf, chip } = page;
  const shown = shownOrder(page);
  const head = [
    say('criterion'), say('weight'), ...shown.map((j) => el('span', {}, chip(j), ' ', bdi(nameOf(j)))),
  ];
  const rows = model.criteria.map((c, k) =>
    [criterionCell(page, c), percent(result.weights[k]), ...shown.map((j) => scoreCell(page, j, k))]);
  const total = (j) => (isRanked(page, j) ? el('strong', { text: scoreOf(page, j) }) : say('unranked.place'));
  rows.push([say('total'), percent(1), ...shown.map(total)]);
  const made = table(head, rows, 'scores');
  const column = shown.indexOf(state.site) + 3;
  made.querySelectorAll(`tr > :nth-child(${column})`).forEach((cell) => cell.classList.add('chosen'));
  byId('table').replaceChildren(made, el('p', { class: 'note', text: say('cell.note') }));
}

function criterionCell({ model, say, own, number }, c) {
  const name = el('span', {}, bdi(own(c.label)), el('small', { text: own(model.groups[c.group].label) }));
  if (c.anchors) name.title = say('anchors', { low: number(c.anchors[0], c.form), high: number(c.anchors[1], c.form) });
  return name;
}

function scoreCell(page, j, k) {
  const { model, result, say, number, isNa } = page;
  if (isNa(j, k)) return el('span', { class: 'na', text: say('na') });
  const text = number(rawAt(page, j, k), model.criteria[k].form);
  const figure = el('span', { class: 'figure-raw', text });
  if (!isRanked(page, j)) return figure;
  const value = points(result.values[j][k]);
  const small = result.weights[k] > 0 ? say('cell', { value, points: points(result.parts[j][k]) }) : say('unscored');
  return el('span', {}, figure, el('small', { text: small }));
}
