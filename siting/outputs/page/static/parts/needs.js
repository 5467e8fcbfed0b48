/* What each other option would need to come first. */
import { grouped } from '../core/numbers.js';
import { neededShares, neededTogether, neededValues } from '../core/reasons.js';
import { bdi, byId, el } from '../dom.js';
import { foremost, leftOut } from '../facts/standing.js';
import { noteOf } from '../summaries/elements.js';
import { rawAt } from '../facts/values.js';

const LISTED = 5;

export function showNeeds(page) {
  const [winner, ...others] = foremost(page, page.result.running);
  byId('needs').replaceChildren(...others.map((j) => el('li', {}, page.chip(j), ' ', bdi(needsOf(page, j, winner)))));
  byId('needs').append(...noteOf(leftOut(page)).map((note) => el('li', {}, note)));
}

function needsOf(page, j, winner) {
  const { model, result, say, join, nameOf } = page;
  const { values, weights, score } = result;
  const name = nameOf(j);
  const better = model.criteria.some((_, k) => weights[k] > 0 && values[j][k] > values[winner][k]);
  if (!better) return say('needs.dominated', { name, winner: nameOf(winner) });
  const straight = model.criteria.map((c) => c.linear);
  const raws = neededValues(values, weights, score, j, winner)
    .flatMap((need, k) => (need === null || !straight[k] ? [] : [rawNeeded(page, j, k, need)]));
  const items = [...sharesNeeded(page, j), ...raws].slice(0, LISTED);
  if (items.length) return say('needs.list', { name, items: join(items, 'needs.or') });
  const together = neededTogether(values, weights, score, j, winner, straight);
  if (!together) return say('needs.never', { name });
  const all = together.map(({ criterion, value }) => rawNeeded(page, j, criterion, value));
  return say('needs.together', { name, items: join(all, 'stop') });
}

function sharesNeeded({ model, result, say, own, percent }, j) {
  return neededShares(result.strips, result.shares, j).map(({ group, share }) =>
    say(share > result.shares[group] ? 'needs.up' : 'needs.down', {
      group: own(model.groups[group].label), now: percent(result.shares[group]),
      need: say('number.share', { n: grouped(100 * share, 1) }),
    }));
}

/** Write "criterion rises from … to …": the measured figure that gives a value. */
function rawNeeded(page, j, k, value) {
  const { model, say, own, number } = page;
  const { anchors, label, form } = model.criteria[k];
  const need = number(anchors[0] + value * (anchors[1] - anchors[0]), form);
  const side = anchors[1] > anchors[0] ? 'up' : 'down';
  return say('needs.raw.' + side, { criterion: own(label), now: number(rawAt(page, j, k), form), need });
}
