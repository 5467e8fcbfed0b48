/* The conclusion: whether building pays, who comes first, and what still stands against it. */
import { grouped, points } from '../core/numbers.js';
import { reasons } from '../core/reasons.js';
import { bdi, byId, el } from '../dom.js';
import { basis, gapItem, isBase, sameCutoff, sameWeights, scoreOf } from '../standing.js';
import { buildsNothing } from '../wording.js';

export function showConclusion(page) {
  const paragraph = (text, className) => el('p', { class: className }, bdi(text));
  byId('conclusion-text').replaceChildren(
    ...headlines(page).map((text) => paragraph(text, 'head')), ...details(page).map((text) => paragraph(text, null)));
  document.querySelectorAll('.basis').forEach((node) => {
    node.textContent = basis(page);
    node.classList.toggle('own', !isBase(page));
  });
}

const names = ({ join, nameOf }, options) => join(options.map(nameOf));
const building = ({ result, option }) => result.running.find((j) => !buildsNothing(option(j)));
const npvOf = ({ model }, j) => model.economics.summary.npv_wan[j];

/** Say first whether building pays, then which option scores highest and whether it stands alone. */
function headlines(page) {
  const { result, model, say, own, nameOf } = page;
  const [first] = result.running;
  if (model.nothing.length) return model.nothing.map(own);
  if (first === undefined) return [];
  const best = isBase(page)
    ? say(model.recommended ? 'best' : 'highest')
    : say('highest.set', { basis: basis(page) });
  const values = { best, name: nameOf(first), score: scoreOf(page, first), rest: caution(page, first) };
  const whether = own(model.sure.whether);
  return [...(whether ? [whether] : worth(page)), say('conclude.lead', values)];
}

/** Say which options do as well as the first, or better once drawn; draws hold for the study's own cutoff. */
function caution(page, first) {
  const { result, model, say } = page;
  const leaders = sameCutoff(page) ? model.sure.leaders : [];
  const others = leaders.filter((j) => j !== first);
  if (others.length) {
    return say(leaders.includes(first) ? 'lead.even' : 'lead.behind', { names: names(page, others) });
  }
  const tied = result.running.filter((j) => result.tie[j] && j !== first);
  return tied.length ? say('lead.tie', { names: names(page, tied) }) : '';
}

function details(page) {
  const { result, model, say, own, nameOf, near } = page;
  const [first, second] = result.running;
  if (model.nothing.length) return [];
  if (first === undefined) return failures(page);
  const n = result.running.length;
  const said = [second === undefined ? say('conclude.only') : say('conclude.first', {
    basis: basis(page), n, name: nameOf(first), second: nameOf(second), second_score: scoreOf(page, second),
  })];
  const tied = result.running.filter((j) => result.tie[j]);
  if (tied.length) said.push(say('conclude.tie', { names: names(page, tied), near }));
  if (own(model.sure.whether)) said.unshift(...worth(page), own(model.sure.building));
  return [...said, ...staying(page, first), ...drawn(page).map(own), ...openConditions(page, first), ...failures(page)];
}

/** List shares of random weightings, and of drawn registers while the weights are the study's own. */
function drawn(page) {
  const { draws, registers, turning } = page.model.sure;
  if (!sameCutoff(page)) return [];
  return [...draws, ...(sameWeights(page) ? [...registers, ...turning] : [])];
}

/** Say whether the benefits of the best building option cover its costs: that comes before any site. */
function worth(page) {
  const { model, state, say, nameOf } = page;
  const j = building(page);
  if (!model.economics || j === undefined) return [];
  const npv = npvOf(page, j);
  const values = { n: model.expansion, name: nameOf(j), account: say('account.economic') };
  if (typeof npv !== 'number') return [say('conclude.unknown', values)];
  const amount = state.lang === 'zh' ? grouped(Math.abs(npv), 0) : grouped(Math.abs(npv) / 100, 1);
  return [say(npv < 0 ? 'conclude.loss' : 'conclude.gain', { ...values, amount: say('number.amount', { n: amount }) })];
}

/** Say why not building comes first, if it does: against the building option that scores highest. */
function staying(page, first) {
  const { model, result, say, join, nameOf } = page;
  const rival = building(page);
  if (first === rival) return [];
  const name = nameOf(first);
  if (rival === undefined) return [say('conclude.stay', { name })];
  const npv = model.economics ? npvOf(page, rival) : null;
  const pays = typeof npv === 'number' && npv >= 0;
  const { ahead } = reasons(result.parts, result.weights, first, rival);
  const gap = points(result.score[first] - result.score[rival]);
  const items = join(ahead.map((item) => gapItem(page, item)));
  return [
    say(pays ? 'conclude.stay.yet' : 'conclude.stay', { name, rival: nameOf(rival) }),
    say('conclude.stay.best', { name, rival: nameOf(rival), score: scoreOf(page, rival), gap, items }),
    ...(typeof npv === 'number' && npv < 0 ? [price(page, rival)] : []),
    say('conclude.stay.turn'),
  ];
}

/** Say what building would save and cost. */
function price({ model, say, nameOf, number }, rival) {
  const { summary } = model.economics;
  return say('conclude.stay.cost', {
    rival: nameOf(rival), hours: number(summary.hours_saved[rival], 'hours'),
    cost: number(summary.cost_wan[rival], 'wan'),
  });
}

function openConditions({ model, say, join, nameOf, option, conditionsOf, conditionName }, first) {
  const stated = Object.values(option(first).conditions).flat();
  const missing = buildsNothing(option(first)) ? [] : model.conditions.filter((_, c) => !stated.includes(c));
  const lists = {
    'conclude.pending': conditionsOf(option(first), 'pending'),
    'conclude.unrecorded': missing.map(conditionName),
  };
  return Object.keys(lists).filter((key) => lists[key].length)
    .map((key) => say(key, { name: nameOf(first), n: lists[key].length, items: join(lists[key]) }));
}

function failures(page) {
  const { result, say } = page;
  const failed = result.order.filter((j) => result.failed[j]);
  return failed.length ? [say('conclude.failed', { names: names(page, failed) })] : [];
}
