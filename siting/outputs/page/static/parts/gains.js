/* The list of enterprises by what the chosen option saves them. */
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, table } from '../dom.js';
import {
  favouriteOf, findEnterprises, hours, industryOf, labelOf, minutesTo, savedBy, sizeOf, townOf,
} from '../enterprises.js';

const ROWS = 20; // rows of the table at a time
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
    table: el('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-labelledby': 'h-gains' }),
    shown: el('p', { class: 'note', role: 'status' }),
  };
  const choices = el('div', { class: 'choices' }, view.labels[0], view.search, view.labels[1], view.order);
  byId('gains').append(view.summary, choices, view.table, view.shown);
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
  const { firms, model, say, state } = page;
  const view = page.view.gains;
  view.summary.replaceChildren(...summary(page));
  const sign = view.order.value === 'least' ? 1 : -1;
  const saved = (n) => savedBy(page, state.site, n);
  const matching = findEnterprises(page, view.search.value).sort((a, b) => sign * (saved(a) - saved(b)) || a - b);
  const who = firms.named ? ['firm', 'industry', 'town'] : ['town', 'industry', 'size', 'firms'];
  const columns = [...who, 'drive', 'saved', 'favourite', 'basis']
    .filter((key) => key !== 'industry' || model.industries.length);
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
