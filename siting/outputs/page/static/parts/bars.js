/* The ranking: a row for each option, in order, with its score as a dot; unranked, the names to choose from. */
import { byId, el, svg } from '../dom.js';
import { axis, dotKeys, dotsOf, intervalText, weighDraws } from '../figures/dots.js';
import { roving } from '../roving.js';
import { describe, foremost, isRanked, leftOut, rankOf, scoreOf, shownOrder } from '../facts/standing.js';

export function buildBars(page) {
  const { view, model } = page;
  view.barList = el('ol', { class: 'bars' });
  view.bars = model.options.map((_, j) => buildBar(page, j));
  view.rest = el('button', { type: 'button', 'aria-expanded': false, onclick: () => unfold(page) });
  byId('bars').append(view.barList, view.rest);
}

function buildBar({ chip, choose }, j) {
  const parts = {
    rank: el('span', { class: 'rank' }), name: el('bdi', { class: 'name' }),
    score: el('span', { class: 'score' }), mark: el('span', { class: 'mark' }),
    picture: svg('svg', { 'aria-hidden': 'true' }),
  };
  const button = el('button', { type: 'button', class: 'bar', onclick: () => choose(j) },
    parts.rank, chip(j), parts.name, parts.picture, parts.score, parts.mark);
  return { ...parts, button, item: el('li', {}, button) };
}

/** List the late ones too, or no more. */
function unfold(page) {
  const { rest } = page.view;
  rest.setAttribute('aria-expanded', rest.getAttribute('aria-expanded') !== 'true');
  showBars(page);
}

/** Fill the list with the rows of these options, and count those that it leaves out. */
function listBars({ view, say }, listed, left) {
  const focused = document.activeElement;
  const items = listed.map((j) => view.bars[j].item);
  // Rows are moved only where the order changed: moving a row would drop the focus in it.
  items.forEach((item, n) => {
    if (view.barList.children[n] !== item) view.barList.insertBefore(item, view.barList.children[n] || null);
  });
  [...view.barList.children].slice(items.length).forEach((item) => item.remove());
  if (focused && view.barList.contains(focused)) focused.focus();
  view.rest.hidden = !left;
  view.rest.textContent = say('bars.rest', { n: left });
}

export function showBars(page) {
  const { view } = page;
  const all = shownOrder(page);
  const few = foremost(page, all);
  const listed = view.rest.getAttribute('aria-expanded') === 'true' ? all : few;
  listBars(page, listed, all.length - few.length);
  weighDraws(page);
  const scale = axis(page);
  listed.forEach((j) => showBar(page, j, scale));
  byId('bar-legend').replaceChildren(
    ...(page.isUnranked ? [] : dotKeys(page, scale)), listed.length < all.length ? leftOut(page) : '');
  roving(view.barList, 'button');
}

function showBar(page, j, scale) {
  const bar = page.view.bars[j];
  const { state, nameOf, option } = page;
  const ranked = isRanked(page, j);
  const mark = markOf(page, j);
  bar.rank.textContent = rankOf(page, j);
  bar.name.textContent = nameOf(j);
  bar.score.textContent = ranked ? scoreOf(page, j) : '';
  bar.mark.textContent = mark;
  bar.mark.className = 'mark ' + option(j).verdict;
  bar.button.setAttribute('aria-pressed', j === state.site);
  const said = [describe(page, j), intervalText(page, j), mark].filter(Boolean);
  bar.button.setAttribute('aria-label', page.join(said, 'stop'));
  bar.picture.replaceChildren(...(ranked ? dotsOf(page, j, scale) : []));
}

/** Say how an option stands with its conditions, and whether it ties; or that it is not ranked. */
function markOf(page, j) {
  const { result, say, join, option, verdictOf } = page;
  if (!option(j).has_place) return say('unranked.place');
  const verdict = verdictOf(option(j));
  return isRanked(page, j) && result.tie[j] ? join([verdict, say('tie')]) : verdict;
}
