/* Sentences on how sure the ranking is: agreement, methods, structure, what decides, what to ask. */
import { grouped, points } from '../core/numbers.js';
import { labelOf } from '../enterprises.js';

// Pairs of criteria that are named; the rest is counted.
const LISTED = 3;
// Gains and losses below print as zero.
const LEAST_GAIN = 0.00005;
const LEAST_LOSS = 0.0005;

export function agreementTexts({ model, say, own, join, nameById }, { agreement }) {
  if (!agreement) return [];
  const labelled = (id) => {
    const viewpoint = model.viewpoints.find((v) => v.id === id);
    return viewpoint ? own(viewpoint.label) : id;
  };
  const items = Object.entries(agreement.favourites)
    .map(([id, option]) => say('pair.colon', { a: labelled(id), b: nameById(option) }));
  const name = nameById(agreement.compromise);
  const losers = Object.entries(agreement.shortfall).filter(([, lost]) => lost >= LEAST_LOSS)
    .map(([id, lost]) => say('robust.way', { who: labelled(id), points: points(lost) }));
  return [
    say('robust.viewpoints', { items: join(items, 'stop'), w: grouped(agreement.concordance, 2), name }),
    losers.length ? say('robust.ways', { name, items: join(losers) }) : say('robust.ways.none', { name }),
  ];
}

export function methodTexts({ say, join, word, nameById }, sure) {
  const method = (id) => word('method.' + id, id);
  const opinions = sure.opinions.filter(([id]) => id !== 'weighted_sum')
    .map(([id, option]) => say('pair.colon', { a: method(id), b: nameById(option) }));
  return [
    opinions.length && say('robust.opinion', { items: join(opinions, 'stop') }),
    sure.disagreeing.length && say('robust.disagree', { items: join(sure.disagreeing.map(method)) }),
    sure.reversals > 0 && say('robust.reversals', { n: sure.reversals }),
  ];
}

/** Name dominated options, criteria in which all are alike, pairs that count one thing twice. */
export function structureTexts({ say, join, nameById, criterionName }, sure) {
  const dominated = sure.dominated.map(([id, by]) =>
    say('robust.dominated.item', { name: nameById(id), by: join(by.map(nameById)) }));
  const pairs = sure.correlated.slice(0, LISTED)
    .map(([a, b]) => say('pair', { a: criterionName(a), b: criterionName(b) }));
  const clipped = sure.clipped.map(([option, criterion]) =>
    say('clipped.item', { option: nameById(option), criterion: criterionName(criterion) }));
  const counted = sure.correlated.length;
  return [
    dominated.length && say('robust.dominated', { items: join(dominated, 'stop') }),
    sure.neutral.length && say('robust.neutral', { items: join(sure.neutral.map(criterionName)) }),
    counted && say(counted > LISTED ? 'correlated.more' : 'correlated', { pairs: join(pairs), n: counted }),
    clipped.length && say('clipped', { items: join(clipped) }),
  ];
}

/** Say what to find out next: unknowns by what knowing them is worth, one speed, enterprises to survey. */
export function askTexts(page, sure) {
  const { say, join, word } = page;
  const asks = sure.ask.filter(([, gain]) => gain >= LEAST_GAIN)
    .map(([what, gain]) => say('robust.ask.item', { what: quantity(page, what), points: grouped(100 * gain, 2) }));
  const calls = sure.telephone.map(([row, low, high]) => say('robust.call', {
    what: labelOf(page, row), low: points(Math.min(low, high)), high: points(Math.max(low, high)),
  }));
  return [
    asks.length && say('robust.ask', { items: join(asks) }),
    sure.evpi > 0 && say('robust.evpi', { points: grouped(100 * sure.evpi, 2) }),
    sure.measure && say('robust.measure', { name: word('road.' + sure.measure, sure.measure) }),
    calls.length && say('robust.calls', { n: calls.length, items: join(calls) }),
  ];
}

export function influenceTexts(page, { influence }) {
  const { say, join, word, nameById } = page;
  const item = (kind, [label, winner, lead]) => {
    const what = thingName(page, kind, label);
    if (lead < 0) return say('robust.decides.flip', { what, name: nameById(winner) });
    return say('robust.decides.item', { what, points: points(lead) });
  };
  return Object.entries(influence).filter(([, rows]) => rows.length).map(([kind, rows]) => say('robust.decides', {
    kind: word('influence.' + kind, kind), items: join(rows.map((row) => item(kind, row))),
  }));
}

/** Name an enterprise, an industry or a township. */
function thingName(page, kind, label) {
  const { model, firms, own } = page;
  if (kind === 'enterprise') return labelOf(page, label);
  const n = kind === 'industry' ? model.industry_ids.indexOf(label) : -1;
  const town = firms.towns.find((names) => names.includes(label)) || [label, label];
  return own(n < 0 ? town : model.industries[n]);
}

/** Name an unknown or a quantity, such as "speed:motorway", "industry:food" or a name in both languages. */
function quantity(page, what) {
  const { model, say, own, word } = page;
  if (Array.isArray(what)) return own(what);
  const [kind, id] = what.split(/:(.*)/s);
  if (id === undefined) return word('what.' + kind, what);
  const named = {
    industry: () => thingName(page, 'industry', id),
    town: () => thingName(page, 'town', id),
    place: () => thingName(page, 'town', id),
    speed: () => word('road.' + id, id),
    demand: () => (model.services[id] ? own(model.services[id]) : id),
  }[kind];
  return word('what.' + kind, what) === what ? what : say('what.' + kind, { name: named ? named() : id });
}

export function flipText(page, [what, now, at, to]) {
  const plain = (n) => grouped(n, Math.abs(n) < 10 ? 2 : 1);
  return page.say('robust.flip', {
    what: quantity(page, what), now: plain(now), at: plain(at), name: page.nameById(to),
  });
}
