/* The list of enterprises by what the chosen option saves them. */
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, svg, table } from '../dom.js';
import {
  favouriteOf, findEnterprises, hours, industryOf, labelOf, minutesTo, savedBy, sizeOf, townOf,
} from '../enterprises.js';
import { GAIN, LOSS } from '../map/symbols.js';

const ROWS = 8; // rows of the table at a time
const BASIS = ['sourced', 'curated', 'assumed', 'unstated', 'illustrative'];

const COLUMNS = {
  firm: (page, n) => bdi(labelOf(page, n)),
  town: townOf,
  industry: industryOf,
  size: sizeOf,
  firms: ({ firms }, n) => grouped(firms.count[n], 0),
  drive: (page, n) => minutesTo(page, page.state.site, n) || page.say('number.missing'),
  saved: (page, n) => hours(savedBy(page, page.state.site, n)),
  favourite: (page, n) => page.nameOf(favouriteOf(page, n)),
  basis: ({ firms, say }, n) => say('basis.' + BASIS[firms.basis[n]]),
};

export function buildGains(page) {
  const view = {
    summary: el('p', { role: 'status' }),
    search: el('input', { type: 'search', id: 'gains-search', oninput: () => showGains(page) }),
    order: el('select', { id: 'gains-order', onchange: () => showGains(page) },
      el('option', { value: 'most' }), el('option', { value: 'least' })),
    labels: [el('label', { for: 'gains-search' }), el('label', { for: 'gains-order' })],
    table: el('div', { class: 'wide', role: 'group', 'aria-labelledby': 'h-gains' }),
    industries: el('div', { class: 'fall' }),
    shown: el('p', { class: 'note', role: 'status' }),
  };
  const choices = el('div', { class: 'choices' }, view.labels[0], view.search, view.labels[1], view.order);
  byId('gains').append(view.summary, view.industries, choices, view.table, view.shown);
  page.view.gains = view;
}

function summary({ model, firms, state, say, nameOf, option }) {
  const [better, worse, same, total] = firms.summary[option(state.site).id] || [0, 0, firms.all, 0];
  const counts = { better, worse, same, total: say('unit.hours', { n: hours(total) }) };
  const sentences = [
    say('gains.summary', { name: nameOf(state.site), ...counts }),
    model.expansion === 1 ? '' : say('gains.expansion', { n: model.expansion }),
    firms.named ? '' : say('gains.grouped', { n: grouped(firms.all, 0) }),
  ];
  return sentences.filter(Boolean).map((text) => el('span', { text }));
}

export function showGains(page) {
  const view = page.view.gains;
  view.summary.replaceChildren(...summary(page));
  view.industries.replaceChildren(...industryBars(page));
  showFound(page);
}

/** Draw what each industry saves; industries that save nothing are left out. */
function industryBars({ firms, model, state, own, option }) {
  const saved = firms.saved[option(state.site).id] || [];
  const of = model.industries.map(() => 0);
  saved.forEach((s, n) => (firms.industry[n] < 0 ? 0 : (of[firms.industry[n]] += s || 0)));
  const order = of.map((_, i) => i).filter((i) => Math.round(of[i])).sort((a, b) => of[b] - of[a]);
  const most = Math.max(...of.map(Math.abs), 1);
  return order.flatMap((i) => [
    el('span', {}, bdi(own(model.industries[i]))),
    svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { width: (100 * Math.abs(of[i])) / most, height: 10, fill: of[i] < 0 ? LOSS : GAIN })),
    el('b', { text: hours(of[i]) }),
  ]);
}

/** List what was searched for elsewhere. */
export function listEnterprises(page, text) {
  page.view.gains.search.value = text;
  showGains(page);
}

/** List what was searched for; nothing before anything is. */
function showFound(page) {
  const { firms, say, state } = page;
  const view = page.view.gains;
  const asked = view.search.value.trim() !== '';
  view.table.hidden = !asked;
  if (!asked) {
    view.shown.textContent = '';
    return;
  }
  const sign = view.order.value === 'least' ? 1 : -1;
  const saved = (n) => savedBy(page, state.site, n);
  const matching = findEnterprises(page, view.search.value).sort((a, b) => sign * (saved(a) - saved(b)) || a - b);
  const who = firms.named ? ['firm', 'industry', 'town'] : ['town', 'industry', 'size', 'firms'];
  const columns = [...who, 'drive', 'saved', 'favourite', 'basis'];
  const rows = matching.slice(0, ROWS).map((n) => columns.map((key) => COLUMNS[key](page, n)));
  view.table.replaceChildren(table(columns.map((key) => say(key)), rows, 'plain gains'));
  const counts = { found: matching.length, shown: rows.length };
  view.shown.textContent = say(firms.named ? 'gains.shown' : 'gains.shown.groups', counts);
}

export function speakGains({ view: { gains }, firms, say }) {
  gains.labels[0].textContent = say(firms.named ? 'gains.search' : 'gains.search.groups');
  gains.labels[1].textContent = say('gains.order');
  [...gains.order.options].forEach((o) => (o.textContent = say('gains.' + o.value)));
}
