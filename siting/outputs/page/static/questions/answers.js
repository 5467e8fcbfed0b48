/* The three questions that an official asks first, answered within the first screen. */
import { multiple } from '../core/numbers.js';
import { bdi, byId, el } from '../dom.js';
import { caution } from '../parts/conclusion.js';
import { roving } from '../roving.js';
import { scoreOf } from '../facts/standing.js';
import { sourced } from '../summaries/source_panel.js';
import { speakTowns, townBox } from './towns.js';

export function buildAnswers(page) {
  page.view.answers = ['build', 'where', 'town'].map((id) => ({
    id, title: el('h3'), large: el('p', { class: 'large' }), text: el('p'), more: el('a'),
  }));
  const [build, where, town] = page.view.answers;
  build.more.href = '#build';
  where.more.href = '#where';
  const card = ({ title }, ...parts) => el('article', { class: 'card' }, title, ...parts);
  byId('answers').append(
    card(build, build.large, build.text, build.more), card(where, where.large, where.text, where.more),
    card(town, townBox(page)));
}

export function speakAnswers(page) {
  const { view, say } = page;
  view.answers.forEach(({ id, title, more }) => {
    title.textContent = say('answer.' + id);
    more.textContent = say('answer.more');
  });
  speakTowns(page);
}

/** Show what the answers rest on: the best net present value of a site, and the score of the first. */
export function showAnswers(page) {
  const [build, where] = page.view.answers;
  const [worth, best] = [worthOf(page), placeOf(page)];
  build.large.replaceChildren(sourced('money', worth[0]));
  build.text.replaceChildren(bdi(worth[1]));
  where.large.replaceChildren(bdi(best[0]));
  where.text.replaceChildren(...best[1]);
  roving(byId('answers'), '.src');
}

/** Find the running option on a place that is worth most. */
export function worthiest({ model, option, result }) {
  const { npv_national: worth } = model.economics.accounts;
  const places = model.options.map((_, j) => j)
    .filter((j) => option(j).has_place && !result.failed[j] && typeof worth[j] === 'number');
  return places.reduce((best, j) => (best === null || worth[j] > worth[best] ? j : best), null);
}

function worthOf(page) {
  const { model, say, number, nameOf } = page;
  const j = model.economics ? worthiest(page) : null;
  if (j === null) return [say('number.missing'), say('answer.unknown')];
  const worth = model.economics.accounts.npv_national[j];
  const turns = model.economics.summary.break_even_demand[j];
  const key = worth >= 0 ? 'answer.pays' : typeof turns === 'number' ? 'answer.turns' : 'answer.never';
  const times = typeof turns === 'number' ? multiple(turns) : '';
  return [number(worth, 'wan'), say(key, { name: nameOf(j), times })];
}

function placeOf(page) {
  const { result, say, nameOf, isUnranked } = page;
  const [first] = result.running;
  if (isUnranked || first === undefined) return [say('number.missing'), [say('unranked')]];
  const score = sourced('score', say('answer.score', { score: scoreOf(page, first) }));
  return [nameOf(first), [score, bdi(caution(page, first) + say('full_stop'))]];
}
