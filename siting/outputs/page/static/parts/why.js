/* Why the chosen option stands where it does. */
import { points } from '../core/numbers.js';
import { NOTICEABLE, reasons } from '../core/reasons.js';
import { bdi, byId, el, paragraphs } from '../dom.js';
import { gapItem, scoreOf } from '../facts/standing.js';
import { rawAt } from '../facts/values.js';

export function showWhy(page) {
  const { state, say, nameOf } = page;
  const head = el('p', { class: 'note' }, bdi(say('why.of', { name: nameOf(state.site) })));
  byId('why').replaceChildren(head, ...paragraphs(reasonsOf(page, state.site)));
}

function rivalOf({ result }, j) {
  const others = result.running.filter((i) => i !== j);
  return others.length ? others[0] : null;
}

function weakest(page, j, found) {
  const { model, result, say, own, number } = page;
  const k = found.weakest;
  if (found.lost[k] < NOTICEABLE) return say('why.whole');
  const { label, form } = model.criteria[k];
  return say('why.weakest', {
    criterion: own(label), raw: number(rawAt(page, j, k), form),
    value: points(result.values[j][k]), lost: points(found.lost[k]),
  });
}

export function reasonsOf(page, j) {
  const { result, say, join, nameOf, option, conditionsOf } = page;
  const name = nameOf(j);
  if (!option(j).has_place) return [say('why.unranked', { name })];
  if (result.failed[j]) return [say('why.failed', { name, items: join(conditionsOf(option(j), 'fail')) })];
  const rival = rivalOf(page, j);
  const found = reasons(result.parts, result.weights, j, rival);
  const score = scoreOf(page, j);
  if (rival === null) return [say('why.only', { name, score }), weakest(page, j, found)];
  const gap = points(Math.abs(result.score[j] - result.score[rival]));
  const values = { name, score, n: result.running.length, rank: result.rank[j], rival: nameOf(rival), gap };
  const said = [say(j === result.running[0] ? 'why.first' : 'why.rank', values)];
  if (result.tie[j] && result.tie[rival]) {
    const names = join(result.running.filter((i) => result.tie[i]).map(nameOf));
    said.push(say('conclude.tie', { names, near: page.near }));
  }
  ['ahead', 'behind'].filter((side) => found[side].length).forEach((side) => {
    const items = join(found[side].map((item) => gapItem(page, item)));
    said.push(say('why.' + side, { rival: nameOf(rival), items }));
  });
  return [...said, weakest(page, j, found)];
}
