/* Sentences on how sure the ranking is: agreement, methods, structure, what decides, what to ask. */
import { grouped, points } from '../core/numbers.js';
import { labelOf } from '../facts/enterprises.js';

// Losses below print as zero.
const LEAST_LOSS = 0.0005;

export function agreementTexts({ model, say, own, join, nameById, criterionName }, { agreement, apart }) {
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
    apart && say('robust.apart', { name: criterionName(apart[0]), points: points(apart[1]) }),
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

/** Name dominated options, what the weights do between the sites, and figures outside the anchors. */
export function structureTexts({ model, say, own, join, nameOf, nameById, criterionName }, sure) {
  const dominated = sure.dominated.filter(([j]) => model.listed.includes(j)).map(([j, by, n]) =>
    say(n > by.length ? 'robust.dominated.many' : 'robust.dominated.item', {
      name: nameOf(j), by: join(by.map(nameOf)), n,
    }));
  const clipped = sure.clipped.map(([option, criterion]) =>
    say('clipped.item', { option: nameById(option), criterion: criterionName(criterion) }));
  return [
    dominated.length && say('robust.dominated', { items: join(dominated, 'stop') }),
    dominated.length < sure.dominated.length && say('robust.dominated.all', { n: sure.dominated.length }),
    ...model.sure.weights.map(own),
    clipped.length && say('clipped', { items: join(clipped) }),
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

/** Name a quantity such as "cutoff_min" or "industry:food". */
function quantity(page, what) {
  const { say, word } = page;
  const [kind, id] = what.split(/:(.*)/s);
  if (id === undefined) return word('what.' + kind, what);
  return say('what.' + kind, { name: thingName(page, kind, id) });
}

export function flipText(page, [what, now, at, to]) {
  const plain = (n) => grouped(n, Math.abs(n) < 10 ? 2 : 1);
  return page.say('robust.flip', {
    what: quantity(page, what), now: plain(now), at: plain(at), name: page.nameById(to),
  });
}
