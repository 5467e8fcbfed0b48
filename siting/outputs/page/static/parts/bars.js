/* The ranking: a bar for each option, in order, its pieces coloured by group; unranked, the names to choose from. */
import { byId, el, svg, swatch } from '../dom.js';
import { GROUP_COLOURS } from '../page.js';
import { roving } from '../roving.js';
import { describe, isRanked, rankOf, scoreOf, shownOrder } from '../standing.js';

export function buildBars(page) {
  const { view, model } = page;
  view.barList = el('ol', { class: 'bars' });
  view.bars = model.options.map((_, j) => buildBar(page, j));
  byId('bars').append(view.barList);
}

function buildBar({ chip, choose }, j) {
  const parts = {
    rank: el('span', { class: 'rank' }), name: el('bdi', { class: 'name' }),
    score: el('span', { class: 'score' }), mark: el('span', { class: 'mark' }),
    picture: svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }),
  };
  const button = el('button', { type: 'button', class: 'bar', onclick: () => choose(j) },
    parts.rank, chip(j), parts.name, parts.picture, parts.score, parts.mark);
  return { ...parts, button, item: el('li', {}, button) };
}

export function showBars(page) {
  const { view } = page;
  const focused = document.activeElement;
  const items = shownOrder(page).map((j) => view.bars[j].item);
  // Rows are moved only where the order changed: moving a row would drop the focus in it.
  items.forEach((item, n) => {
    if (view.barList.children[n] !== item) view.barList.insertBefore(item, view.barList.children[n] || null);
  });
  if (focused && view.barList.contains(focused)) focused.focus();
  view.bars.forEach((bar, j) => showBar(page, bar, j));
  roving(view.barList, 'button');
}

function showBar(page, bar, j) {
  const { state, nameOf, option } = page;
  const ranked = isRanked(page, j);
  const mark = markOf(page, j);
  bar.rank.textContent = rankOf(page, j);
  bar.name.textContent = nameOf(j);
  bar.score.textContent = ranked ? scoreOf(page, j) : '';
  bar.mark.textContent = mark;
  bar.mark.className = 'mark ' + option(j).verdict;
  bar.button.setAttribute('aria-pressed', j === state.site);
  bar.button.setAttribute('aria-label', page.join([describe(page, j), mark], 'stop'));
  bar.picture.replaceChildren(...(ranked ? segments(page, j) : []));
}

/** Say how an option stands with its conditions, and whether it ties; or that it is not ranked. */
function markOf(page, j) {
  const { result, say, join, option, verdictOf } = page;
  if (!option(j).has_place) return say('unranked.place');
  const verdict = verdictOf(option(j));
  return isRanked(page, j) && result.tie[j] ? join([verdict, say('tie')]) : verdict;
}

function segments({ result, model }, j) {
  let x = 0;
  return result.parts[j].map((part, k) => {
    const rect = svg('rect', {
      x: 100 * x, y: 0, width: 100 * part, height: 10, fill: GROUP_COLOURS[model.criteria[k].group],
      'fill-opacity': 1 - 0.22 * positionInGroup(model, k),
    });
    x += part;
    return rect;
  });
}

const positionInGroup = (model, k) =>
  model.criteria.slice(0, k).filter((c) => c.group === model.criteria[k].group && c.weight > 0).length;

export function speakBarLegend({ model, own }) {
  byId('bar-legend').replaceChildren(...model.groups.map((group, g) =>
    el('span', {}, swatch(GROUP_COLOURS[g]), own(group.label))));
}
