/* Small maps on one scale: minutes by township today, under the leading and another site, and between these. */
import { BANDS, EMPTY, GAINS, LOSSES } from '../colours.js';
import { grouped } from '../core/numbers.js';
import { bdi, el, swatch, table } from '../dom.js';
import { isRanked } from '../facts/standing.js';
import { heads, scroll } from '../summaries/elements.js';
import { areasOf, drawAreas } from './areas.js';

const LIMITS = [10, 20, 30, 45, 60];
// Differences in minutes from which on a township counts as nearer or farther, and clearly so.
const [SOME, MUCH] = [2, 10];
const NEARER = [GAINS[1], GAINS[3]];

const band = (minutes) => (minutes === null ? EMPTY : BANDS[LIMITS.filter((limit) => minutes > limit).length]);

function difference({ minutes }, [a, b]) {
  return minutes[a] === null || minutes[b] === null ? null : minutes[b] - minutes[a];
}

function shade(more) {
  if (more === null) return [EMPTY];
  if (Math.abs(more) <= SOME) return ['#fff'];
  const [colours, sign] = more < 0 ? [NEARER, '−'] : [LOSSES, '+'];
  return [colours[Math.abs(more) > MUCH ? 1 : 0], sign];
}

export function buildTownships(page) {
  const view = {
    title: el('h3'), maps: el('div', { class: 'small-maps' }), keys: el('div', { class: 'keys ticks' }),
    hint: el('p', { class: 'note' }), label: el('label', { for: 'township' }),
    select: el('select', { id: 'township', onchange: () => tellArea(page) }),
    told: el('p', { role: 'status' }), fold: el('details', {}, el('summary')),
  };
  const choice = el('div', { class: 'choices' }, view.label, view.select);
  const words = el('div', {}, view.keys, choice, view.told, view.fold);
  view.place = el('div', { class: 'live', id: 'townships' },
    view.title, el('div', { class: 'beside' }, view.maps, words));
  view.maps.addEventListener('click', ({ target: { dataset } }) => {
    if (!dataset.area) return;
    view.select.value = dataset.area;
    tellArea(page);
  });
  view.areas = areasOf(page);
  view.known = view.areas.list.filter((area) => !area.isEmpty);
  document.querySelector('.columns').after(view.place);
  page.view.townships = view;
}

/** Compare today, the leading site, and the chosen one or that which follows. */
function compared({ model, state, result, isUnranked, ...page }) {
  const [first, second] = result.running;
  if (isUnranked || first === undefined) return null;
  const other = isRanked(page, state.site) && state.site !== first ? state.site : second;
  return [model.options.findIndex((o) => o.is_today), first, other].filter((j) => j !== undefined);
}

export function showTownships(page) {
  const { state, say, view: { townships: view } } = page;
  const options = compared(page);
  view.place.hidden = !options || !view.known.length;
  const drawn = [state.lang, options].join();
  if (view.place.hidden || view.drawn === drawn) return;
  const pair = options.slice(-2);
  const [a, b] = pair.map((j) => page.option(j).letter);
  const between = say('townships.between', { a, b });
  Object.assign(view, { drawn, options, pair });
  view.maps.replaceChildren(
    ...options.map((j) => figure(page, nameOf(page, j), ({ minutes }) => [band(minutes[j])], j)),
    figure(page, between, (area) => shade(difference(area, pair))));
  const minutesOf = (area) => [...options.map((j) => area.minutes[j]), difference(area, pair)];
  const rows = view.known.map((area) => [area.name(), ...minutesOf(area).map((n) => minutesText(page, n))]);
  const head = [...heads(page, 'town'), ...options.map((j) => nameOf(page, j)), between];
  view.fold.replaceChildren(view.fold.firstChild, view.hint, scroll(say('townships.table'), table(head, rows)));
  // Of interest is first where the two differ most.
  const apart = (area) => Math.abs(difference(area, pair));
  view.select.value = view.known.reduce((most, area) => (apart(area) > apart(most) ? area : most)).n;
  tellArea(page);
}

const nameOf = (page, j) => (page.option(j).is_today ? page.say('townships.today') : page.nameOf(j));
const minutesText = ({ say }, n) =>
  (n === null ? say('number.missing') : say('number.minutes', { n: grouped(n, 0) }));

function figure({ chip, view }, caption, paint, j) {
  const letter = j === undefined ? [] : [chip(j), ' '];
  const picture = drawAreas(view.townships.areas, caption, paint);
  return el('figure', {}, picture, el('figcaption', {}, ...letter, bdi(caption)));
}

/** Say the numbers of the township that is chosen in the list or on a map, and mark it on all maps. */
function tellArea(page) {
  const { say, join, view: { townships: { areas, maps, options, select, told } } } = page;
  const area = areas.list[select.value];
  maps.querySelectorAll('path').forEach((path) =>
    path.classList.toggle('chosen', path.dataset.area === select.value));
  const items = options.map((j) =>
    say('pair.colon', { a: nameOf(page, j), b: minutesText(page, area.minutes[j]) }));
  told.replaceChildren(bdi(area.name() + ' · ' + join(items, 'joiner.group')));
}

export function speakTownships({ model, say, view: { townships: view } }) {
  const key = (colour, ...rest) => el('span', {}, swatch(colour), ...rest);
  view.keys.replaceChildren(
    ...LIMITS.map((limit, n) => key(BANDS[n], '≤ ' + limit)),
    key(BANDS[LIMITS.length], say('number.minutes', { n: '> ' + LIMITS[LIMITS.length - 1] })),
    key(NEARER[1], swatch(LOSSES[1]), say('townships.apart', { n: SOME, m: MUCH })),
    ...(view.known.length < view.areas.list.length ? [key(EMPTY, say('townships.empty'))] : []));
  view.select.replaceChildren(...view.known.map((area) => el('option', { value: area.n, text: area.name() })));
  const { sketched } = model.townships;
  view.title.textContent = say(sketched ? 'townships' : 'townships.given');
  view.hint.textContent = say(sketched ? 'townships.sketch' : 'townships.weighted');
  view.label.textContent = say('town');
  view.fold.firstChild.textContent = say('townships.table');
}
