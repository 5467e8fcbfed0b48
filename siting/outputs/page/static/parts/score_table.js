/* The table of scores: each criterion's figure, value and points for each option. */
import { grouped, points } from '../core/numbers.js';
import { bdi, byId, el, table } from '../dom.js';
import { roving } from '../roving.js';
import { foremost, isRanked, leftOut, scoreOf, shownOrder } from '../facts/standing.js';
import { noteOf } from '../summaries/elements.js';
import { familyOf, sourced } from '../summaries/source_panel.js';
import { radii, rawAt } from '../facts/values.js';

export function showTable(page) {
  const { model, result, state, say, percent, nameOf, chip } = page;
  const shown = foremost(page, shownOrder(page));
  const head = [
    say('criterion'), say('weight'), say('tradeoff'),
    ...shown.map((j) => el('span', {}, chip(j), ' ', bdi(nameOf(j)))),
  ];
  const rows = model.criteria.map((c, k) => [
    criterionCell(page, c), percent(result.weights[k]), pointCell(page, k), ...shown.map((j) => scoreCell(page, j, k)),
  ]);
  const total = (j) => (isRanked(page, j) ? el('strong', { text: scoreOf(page, j) }) : say('unranked.place'));
  rows.push([say('total'), percent(1), '', ...shown.map(total)]);
  const made = table(head, rows, 'scores');
  const column = shown.indexOf(state.site) + 4;
  made.querySelectorAll(`tr > :nth-child(${column})`).forEach((cell) => cell.classList.add('chosen'));
  byId('table').replaceChildren(
    made, ...noteOf(sentences(page, [say('cell.note'), coverageText(page)])), ...noteOf(leftOut(page)));
  roving(byId('table'), '.src');
  byId('hour').replaceChildren(bdi(hourText(page)));
}

/** Write how much of a criterion is worth one point at the weights of the moment. */
function pointCell({ model, result, say, number }, k) {
  const { point, at, form } = model.criteria[k];
  const weight = result.weights[k];
  if (!point || !(weight > 0)) return say('number.missing');
  const text = number(point / weight, form);
  if (at === null) return text;
  return el('span', {}, text, el('small', { text: say('tradeoff.at', { raw: number(at, form) }) }));
}

/** Put the price of an hour that the weights of the moment imply beside the study's own. */
function hourText(page) {
  const { model, say, own } = page;
  const [hours, cost] = ['hours_saved', 'net_cost_wan'].map((id) => pointOf(page, id));
  if (!model.hour || !hours || !cost) return '';
  const price = (10000 * cost) / (hours * model.hour.years);
  const [low, high] = model.hour.range || [0, Infinity];
  const said = [say('tradeoff.hour', { price: grouped(price, 0), own: own(model.hour.own) })];
  if (price > high) said.push(say('tradeoff.above'));
  if (price < low) said.push(say('tradeoff.below'));
  return sentences(page, said);
}

function pointOf({ model, result }, id) {
  const k = model.criteria.findIndex((c) => c.id === id);
  return k >= 0 && result.weights[k] > 0 ? model.criteria[k].point / result.weights[k] : 0;
}

const sentences = ({ state }, texts) => texts.join(state.lang === 'zh' ? '' : ' ');
const coverageText = (page) => page.say('coverage.' + page.model.decay, radii(page, page.state.cutoff));

function criterionCell({ model, say, own, number }, c) {
  const name = el('span', {}, bdi(own(c.label)), el('small', { text: own(model.groups[c.group].label) }));
  if (c.anchors) name.title = say('anchors', { low: number(c.anchors[0], c.form), high: number(c.anchors[1], c.form) });
  return name;
}

function scoreCell(page, j, k) {
  const { model, result, say, number, isNa } = page;
  if (isNa(j, k)) return el('span', { class: 'na', text: say('na') });
  const text = number(rawAt(page, j, k), model.criteria[k].form);
  const figure = sourced(familyOf(model.criteria[k]), text);
  figure.classList.add('figure-raw');
  if (!isRanked(page, j)) return figure;
  const value = points(result.values[j][k]);
  const small = result.weights[k] > 0 ? say('cell', { value, points: points(result.parts[j][k]) }) : say('unscored');
  return el('span', {}, figure, el('small', { text: small }));
}
