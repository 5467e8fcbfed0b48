/* The options in words. */
import { bdi, byId, el, paragraphs, table } from '../dom.js';
import { routesOf } from '../facts/routes.js';
import { fold, heads, unrepeated } from './elements.js';

/** Describe the options listed; of many the others fold. */
export function speakOptions(page) {
  const { model } = page;
  const all = model.options.map((o, j) => [o, j]);
  const [listed, others] = [true, false].map((is) => all.filter(([, j]) => model.listed.includes(j) === is));
  const articles = (some) => some.map(([o, j]) => article(page, o, j));
  const rest = others.length
    ? [fold(page, 'options.others', el('div', {}, ...articles(others)), { n: others.length })] : [];
  byId('options').replaceChildren(...articles(listed), ...rest, roleTable(page));
}

/** List each condition once, with whom to ask and how the sites stand, and room to write the answer in. */
export function speakChecklist(page) {
  const { model, own, say, conditionName } = page;
  const rows = unrepeated(model.conditions_table, own).map(([id, role, ...texts]) => [
    el('span', {}, conditionName(id), role === 'condition' ? '' : ' · ' + say('role.' + role)),
    ...texts.map(bdi), '',
  ]);
  const head = heads(page, 'conditions.item', 'conditions.department', 'conditions.evidence', 'conditions.standing',
    'conditions.answer');
  const said = model.open.map((pair) => own(pair));
  const list = () => fold(page, 'conditions.list', table(head, rows, 'plain pen'), { n: rows.length });
  byId('checklist').replaceChildren(...paragraphs(said), rows.length ? list() : el('p', { text: say('none') }));
}

/** Tell what each item of the study is: a criterion, a cost, a condition or a note. */
function roleTable(page) {
  const { model, own, say, criterionName } = page;
  const items = model.roles.map(([of, role]) => [Array.isArray(of) ? own(of) : criterionName(of), say('role.' + role)]);
  return fold(page, 'roles', table(heads(page, 'conditions.item', 'conditions.role'), items));
}

function article(page, o, j) {
  const { say, own, chip } = page;
  const facts = optionFacts(page, o).flatMap(([key, text]) =>
    [el('dt', { text: say(key) }), el('dd', {}, text.nodeType ? text : bdi(text))]);
  return el('article', { class: 'option' }, el('h3', {}, chip(j), ' ', bdi(own(o.name))), el('dl', {}, ...facts));
}

function optionFacts(page, o) {
  const { say, own, word } = page;
  return [
    ['kind', say('kind.' + o.kind)],
    ['reason', own(o.reason)],
    ['land', landText(page, o)],
    ['conditions', conditionsText(page, o)],
    ...routesOf(page, o),
    ['note', word('kind.' + o.kind + '.note', '')],
    ['basis', o.basis ? say('basis.' + o.basis) : ''],
  ].filter(([, text]) => text);
}

/** Conditions of one option that a list names; of more it gives the number. */
const MOST_LISTED = 6;

function conditionsText({ say, join, conditionsOf }, o) {
  const lists = ['fail', 'pending', 'pass'].map((verdict) => [verdict, conditionsOf(o, verdict)]);
  const filled = lists.filter(([, items]) => items.length);
  const counted = (items) => (items.length > MOST_LISTED ? say('conditions.many', { n: items.length }) : join(items));
  const text = ([verdict, items]) => say('verdict.list', { verdict: say(verdict), items: counted(items) });
  return join(filled.map(text), 'stop');
}

/** Say how the land is provided, unless the note on the land says so itself. */
function landText({ say, own, join }, o) {
  const provision = o.provision ? say('land.' + o.provision) : '';
  const note = own(o.land);
  const repeated = note.toLowerCase().includes(provision.toLowerCase());
  return join([repeated ? '' : provision, note].filter(Boolean), 'stop');
}
