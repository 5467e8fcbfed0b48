/* Enterprises of the page: named, described and searched. */
import { grouped } from '../core/numbers.js';
import { bdi, el } from '../dom.js';

const SIZES = ['micro', 'small', 'medium', 'large'];

const townOf = ({ firms, own }, n) => (firms.town[n] < 0 ? '' : own(firms.towns[firms.town[n]]));
const industryOf = ({ firms, model, own }, n) =>
  (firms.industry[n] < 0 ? '' : own(model.industries[firms.industry[n]]));
const sizeOf = ({ firms, say }, n) => (firms.size[n] < 0 ? '' : say('size.' + SIZES[firms.size[n]]));
export const groupOf = (page, n) => [townOf(page, n), industryOf(page, n), sizeOf(page, n)].filter(Boolean);

/** Name a row; on the English page with pinyin beside the Chinese. */
export function labelOf(page, n) {
  const { firms, state } = page;
  if (!firms.named) return page.join(groupOf(page, n), 'joiner.group');
  return state.lang === 'en' && firms.spelt[n] ? `${firms.names[n]} (${firms.spelt[n]})` : firms.names[n];
}

export const hours = (n) => grouped(n, 0);
export const savedBy = ({ firms, option }, j, n) => (firms.saved[option(j).id] || [])[n] || 0;

/** Write whole minutes: more is not known of a row. */
export function minutesTo({ firms, option, placeOf, say }, j, n) {
  const minutes = firms.minutes[placeOf(option(j).id)];
  if (!minutes) return null;
  return minutes[n] === null ? say('number.unreachable') : say('number.minutes', { n: minutes[n] });
}

/** Write what the map tells of an enterprise, seen from an option. */
export function enterpriseTip(page, j, n) {
  const { firms, say, join, nameOf } = page;
  const saved = savedBy(page, j, n);
  const minutes = minutesTo(page, j, n);
  const lines = [
    firms.named ? join(groupOf(page, n), 'joiner.group') : say('firm.count', { n: grouped(firms.count[n], 0) }),
    say('firm.tests', { tests: grouped(firms.tests[n] || 0, 0) }),
    minutes && say('firm.minutes', { site: nameOf(j), minutes }),
    say(saved < 0 ? 'firm.lost' : 'firm.saved', { hours: say('unit.hours', { n: hours(Math.abs(saved)) }) }),
  ];
  const texts = lines.filter(Boolean).map((text) => el('div', {}, bdi(text)));
  return el('div', {}, el('b', {}, bdi(labelOf(page, n))), ...texts);
}

/** Find rows whose name, its pinyin, township, industry or size holds every word of a text. */
export function findEnterprises(page, text) {
  const { firms } = page;
  const { rows } = firms;
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [...rows];
  const whole = text.trim().toLowerCase();
  return rows.filter((n) => {
    const spelt = firms.spelt[n] || '';
    const fields = [labelOf(page, n), spelt.replace(/ /g, ''), ...groupOf(page, n)].map((field) => field.toLowerCase());
    const holds = (part) => fields.some((field) => field.includes(part));
    return holds(whole) || wanted.every(holds);
  });
}

/** List what the search box proposes: names, or townships and industries. */
export function proposals({ firms, model, own }) {
  return [...[...firms.towns, ...model.industries].map(own), ...(firms.named ? firms.names : [])];
}
