/* Why not our township: what stands there, how far its enterprises drive, and what they save. */
import { sum } from '../core/weights.js';
import { el, paragraphs } from '../dom.js';
import { hours, savedBy } from '../facts/enterprises.js';
import { reasonsOf } from '../parts/why.js';

// Sentences on a site of the township: its place, and where it lies behind.
const SAID = 3;

export function townBox(page) {
  const view = {
    label: el('label', { for: 'town', class: 'hidden' }),
    choice: el('select', { id: 'town', onchange: () => showTown(page) }),
    text: el('div', { role: 'status' }),
  };
  page.view.town = view;
  return el('div', {}, view.label, view.choice, view.text);
}

export function speakTowns({ view: { town }, firms, say, own }) {
  const chosen = town.choice.value;
  const names = firms.towns.map((pair, t) => [own(pair), t]);
  town.label.textContent = say('answer.town');
  town.choice.replaceChildren(
    el('option', { value: '', text: say('town.choose') }),
    ...names.map(([name, t]) => el('option', { value: t, text: name })));
  town.choice.value = chosen;
}

/** Mean minutes of a township's enterprises to a site, by what they have tested; null where none gets there. */
function meanMinutes({ firms, option, placeOf }, rows, j) {
  const minutes = firms.minutes[placeOf(option(j).id)];
  if (!minutes) return null;
  const reached = rows.filter((n) => minutes[n] !== null);
  const weights = reached.map((n) => firms.tests[n] || 0);
  const total = sum(weights);
  return total > 0 ? sum(reached.map((n, i) => minutes[n] * weights[i])) / total : null;
}

const least = (options, of) => options.reduce((best, j) => (best === null || of(j) < of(best) ? j : best), null);

export function showTown(page) {
  const { view, say } = page;
  const { choice, text } = view.town;
  if (choice.value === '') {
    text.replaceChildren(el('p', { text: say('town.hint') }));
    return;
  }
  const t = Number(choice.value);
  text.replaceChildren(...paragraphs([...placed(page, t), ...driven(page, t)]));
}

/** Say of the sites in a township where they stand, or that it has none. */
function placed(page, t) {
  const { model, say, own, firms } = page;
  const sites = model.options.map((_, j) => j).filter((j) => model.options[j].town === t);
  if (!sites.length) return [say('town.none', { town: own(firms.towns[t]) })];
  return sites.flatMap((j) => reasonsOf(page, j).slice(0, SAID));
}

function driven(page, t) {
  const { model, firms, result, say, number, nameOf } = page;
  const rows = firms.rows.filter((n) => firms.town[n] === t);
  const sites = model.options.map((_, j) => j).filter((j) => meanMinutes(page, rows, j) !== null);
  const [first] = result.running;
  if (first === undefined || !sites.length) return [];
  const minutes = (j) => number(sites.includes(j) ? meanMinutes(page, rows, j) : 'inf', 'minutes');
  const saved = (j) => sum(rows.map((n) => savedBy(page, j, n)));
  const near = least(sites, (j) => meanMinutes(page, rows, j));
  const best = least(result.running, (j) => -saved(j));
  const values = { first: nameOf(first), minutes: minutes(first), near: nameOf(near), least: minutes(near) };
  const spared = { first: nameOf(first), saved: hours(saved(first)), best: nameOf(best), most: hours(saved(best)) };
  return [
    say(near === first ? 'town.nearest' : 'town.minutes', values),
    say(best === first ? 'town.favourite' : 'town.saved', spared),
  ];
}
