/* The card of one enterprise, found by its name, township or industry: hours and yuan a year under each option. */
import { firmHours } from '../core/firm_hours.js';
import { grouped } from '../core/numbers.js';
import { bdi, el, table } from '../dom.js';
import { findEnterprises, groupOf, hours, labelOf, minutesTo } from '../facts/enterprises.js';
import { foremost, leftOut } from '../facts/standing.js';
import { heads, noteOf, optionName, scroll } from '../summaries/elements.js';

const BASIS = ['sourced', 'curated', 'assumed', 'unstated', 'illustrative'];
// Found ones that the list names; more words find fewer.
const LISTED = 100;

export function buildFirmCard(page) {
  const view = {
    search: el('input', { type: 'search', id: 'firm-search', oninput: () => showFound(page) }),
    label: el('label', { for: 'firm-search' }),
    count: el('span', { id: 'firm-count', role: 'status' }),
    found: el('select', { id: 'firm-found', 'aria-labelledby': 'firm-count', onchange: () => showFirmCard(page) }),
    card: el('div', { id: 'firm-card' }),
  };
  view.choices = el('div', { class: 'choices' }, view.label, view.search, view.count, view.found);
  page.view.firm = view;
  return view;
}

/** List the enterprises that the words of the search find; the first is chosen. */
function showFound(page) {
  const { firms, say, join, view: { firm: view } } = page;
  const wanted = view.search.value.trim();
  const rows = wanted ? findEnterprises(page, wanted) : [];
  const named = (n) => [labelOf(page, n), ...(firms.named ? groupOf(page, n) : [])];
  view.found.replaceChildren(...rows.slice(0, LISTED).map((n) =>
    el('option', { value: n, text: join(named(n), 'joiner.group') })));
  view.found.hidden = !rows.length;
  view.count.textContent = wanted ? say('firm.found', { n: grouped(rows.length, 0) }) : '';
  showFirmCard(page);
}

/** Look up what was searched for elsewhere. */
export function findFirms(page, text) {
  page.view.firm.search.value = text;
  showFound(page);
}

/** Write the card anew: the leading option may have changed. */
export function showFirmCard(page) {
  const { card, found } = page.view.firm;
  card.replaceChildren(...(found.value ? cardOf(page, Number(found.value)) : []));
}

function cardOf(page, n) {
  const { model, say } = page;
  const found = firmHours(page.firms, model.options.map((o) => o.id), model.options.findIndex((o) => o.is_today), n);
  const missing = say('number.missing');
  const rows = foremost(page, found.order).map((j) => [
    optionName(page, j), minutesTo(page, j, n) || missing,
    found.hours[j] === null ? missing : hours(found.hours[j]), hours(found.saved[j]), yuan(page, found.saved[j]),
  ]);
  const head = heads(page, 'option', 'drive', 'firm.hours', 'saved', 'firm.yuan');
  const texts = sentences(page, found).map((text) => el('span', {}, bdi(text)));
  return [
    el('h3', {}, bdi(labelOf(page, n)), el('small', { text: say('basis.' + BASIS[page.firms.basis[n]]) })),
    el('p', { role: 'status' }, ...texts),
    scroll(labelOf(page, n), table(head, rows)),
    ...noteOf(leftOut(page)),
  ];
}

const yuan = ({ model }, saved) => grouped(saved * model.hour_yuan, 0);

/** Say which option is best for the enterprise, and what the leading one takes from it. */
function sentences(page, { best, saved }) {
  const { model, result, say, nameOf } = page;
  const told = (key, j, amount) => say(key, {
    name: nameOf(j), hours: say('unit.hours', { n: hours(amount) }), yuan: yuan(page, amount), rate: model.hour_yuan,
  });
  const [first] = page.isUnranked ? [] : result.running;
  const what = saved[best] > 0 ? told('firm.best', best, saved[best]) : say('firm.none');
  const isOther = first !== undefined && first !== best;
  return isOther ? [what, told('firm.regret', first, saved[best] - saved[first])] : [what];
}

export function speakFirmCard(page) {
  const { firms, say, view: { firm } } = page;
  firm.label.textContent = say(firms.named ? 'gains.search' : 'gains.search.groups');
  showFound(page);
}
