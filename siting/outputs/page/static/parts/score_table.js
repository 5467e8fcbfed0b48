/* The table of scores: each criterion's figure, value and points for each option. */
import { points } from '../core/numbers.js';
import { bdi, byId, el, table } from '../dom.js';
import { scoreOf } from '../standing.js';
import { rawAt } from '../values.js';

export function showTable(page) {
  const { model, result, state, say, percent, nameOf, chip } = page;
  const head = [
    say('criterion'), say('weight'), ...result.order.map((j) => el('span', {}, chip(j), ' ', bdi(nameOf(j)))),
  ];
  const rows = model.criteria.map((c, k) =>
    [criterionCell(page, c), percent(result.weights[k]), ...result.order.map((j) => scoreCell(page, j, k))]);
  rows.push([say('total'), percent(1), ...result.order.map((j) => el('strong', { text: scoreOf(page, j) }))]);
  const made = table(head, rows, 'scores');
  const column = result.order.indexOf(state.site) + 3;
  made.querySelectorAll(`tr > :nth-child(${column})`).forEach((cell) => cell.classList.add('chosen'));
  byId('table').replaceChildren(made, el('p', { class: 'note', text: say('na.note') + say('cell.note') }));
}

function criterionCell({ model, say, own, number }, c) {
  const name = el('span', {}, bdi(own(c.label)), el('small', { text: own(model.groups[c.group].label) }));
  if (c.anchors) name.title = say('anchors', { low: number(c.anchors[0], c.form), high: number(c.anchors[1], c.form) });
  return name;
}

function scoreCell(page, j, k) {
  const { model, result, say, number, isNa } = page;
  if (isNa(j, k)) return el('span', { class: 'na', text: say('na') });
  const value = points(result.values[j][k]);
  const small = result.weights[k] > 0 ? say('cell', { value, points: points(result.parts[j][k]) }) : say('unscored');
  const figure = number(rawAt(page, j, k), model.criteria[k].form);
  return el('span', {}, el('span', { class: 'figure-raw', text: figure }), el('small', { text: small }));
}
