/* Where a figure comes from: a button a figure, and one panel with method, tables and parameters. */
import { bdi, byId, el, table } from '../dom.js';
import { heads, scroll, unrepeated } from './elements.js';

const TABLES = ['enterprises', 'services', 'laboratories', 'sites'];
const DEMAND = ['register.', 'special_equipment.', 'trip.'];

/** What each family of figures rests on: tables, and parameters by how their names begin. */
const FAMILIES = {
  hours: { tables: TABLES, parameters: DEMAND },
  money: {
    tables: [...TABLES, 'pledges'],
    parameters: [...DEMAND, 'value_of_time', 'discount', 'horizon', 'demand_', 'centre.', 'optimism.', 'land.', 'city.',
      'mobile.'],
  },
  score: { tables: [...TABLES, 'industries', 'conditions'], parameters: [...DEMAND, 'coverage.', 'centre.', 'land.'] },
};

/** Tell which family a criterion's figures are of, by how they are written. */
export const familyOf = ({ form }) => ({ wan: 'money', hours: 'hours', minutes: 'hours' })[form] || 'score';

/** Write a figure as a button that leads to what it rests on. */
export const sourced = (family, text) =>
  el('button', { type: 'button', class: 'src', 'data-family': family }, bdi(text));

export function buildSourcePanel(page) {
  const { view } = page;
  view.source = { title: el('h3', { id: 'h-source' }), body: el('div'), close: el('button', { type: 'button' }) };
  const { title, body, close } = view.source;
  const panel = el('div', { id: 'source', role: 'dialog', 'aria-labelledby': 'h-source', hidden: true },
    close, title, body);
  document.body.append(panel);
  close.addEventListener('click', () => hide(page));
  panel.addEventListener('keydown', ({ key }) => key === 'Escape' && hide(page));
  byId('main').addEventListener('click', ({ target }) => {
    const figure = target.closest('.src');
    if (figure) show(page, figure);
  });
}

function hide({ view }) {
  byId('source').hidden = true;
  if (view.source.from && view.source.from.isConnected) view.source.from.focus();
}

function show(page, figure) {
  const { model, say, word, view } = page;
  const { family } = figure.dataset;
  const { tables, parameters } = FAMILIES[family];
  const files = model.data.tables.filter((t) => tables.includes(t.table)).map(({ table: id, file, kept }) =>
    el('li', {}, bdi(say('source.table', { table: word('table.' + id, id), file, kept }))));
  const rows = parameterRows(page).filter(([key]) => parameters.some((start) => key.startsWith(start)));
  view.source.from = figure;
  view.source.title.textContent = say('source.of', { figure: figure.textContent });
  view.source.close.textContent = say('source.close');
  view.source.body.replaceChildren(
    el('p', { text: say('source.' + family) }), el('ul', {}, ...files), parameterTable(page, rows));
  byId('source').hidden = false;
  view.source.close.focus();
}

/** List parameters: key, value, range, basis, source, year and row of the file. */
export const parameterRows = ({ model, own }) => unrepeated(model.parameters, own);

export function parameterTable(page, rows) {
  const { say, word } = page;
  const cells = rows.map(([key, value, unit, low, high, basis, source, year, row]) => [
    el('span', {}, bdi(word('parameter.' + key, key)), el('small', { text: key })),
    (value + ' ' + unit).trim(), low || high ? low + '–' + high : '', say('basis.' + basis), source, year, row,
  ]);
  const head = heads(page, 'parameter', 'value.short', 'range', 'basis', 'source', 'source.year', 'source.row');
  return scroll(say('assumptions'), table(head, cells));
}
