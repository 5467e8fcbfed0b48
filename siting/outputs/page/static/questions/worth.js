/* Whether building pays: what each party gains or loses at a multiple of the demand, and how many sites pay then. */
import { GAIN, INK, LOSS } from '../colours.js';
import { grouped } from '../core/numbers.js';
import { unpackSteps } from '../core/packing.js';
import { sum } from '../core/weights.js';
import { bdi, byId, el, svg } from '../dom.js';
import { optionName } from '../summaries/elements.js';
import { roving } from '../roving.js';
import { sourced } from '../summaries/source_panel.js';
import { worthiest } from './answers.js';

const PARTIES = ['npv_enterprises', 'npv_city_laboratory', 'npv_others', 'npv_toll_operator', 'npv_public'];
const TOTAL = 'npv_national';

export function buildWorth({ view, model }) {
  if (!model.economics) return;
  const { multiples, worth } = model.economics.by_demand;
  const [min, next, max] = [multiples[0], multiples[1], multiples[multiples.length - 1]];
  view.worth = {
    falls: el('div', { class: 'falls' }), note: el('p', { class: 'note' }),
    label: el('label', { for: 'demand' }), said: el('output', { for: 'demand' }),
    demand: el('input', { type: 'range', id: 'demand', min, max, step: next - min, value: 1 }),
    at: Object.fromEntries(Object.entries(worth).map(([j, parties]) =>
      [j, parties.map((text) => unpackSteps(text, 1))])),
  };
  const { falls, note, label, said, demand } = view.worth;
  byId('worth').append(falls, note, el('div', { class: 'dial' }, label, demand, said));
}

export function showWorth(page) {
  const { model, view, say, own } = page;
  if (!model.economics) {
    byId('worth').textContent = own(model.sure.whether);
    return;
  }
  const today = model.options.findIndex((o) => o.is_today);
  view.worth.note.textContent = say('worth.note', { today: today < 0 ? '' : own(model.options[today].name) });
  view.worth.label.textContent = say('worth.demand');
  view.worth.demand.oninput = () => showDemand(page);
  showDemand(page);
}

/** Show the waterfalls of the best site and of the options without one, today's left out: it is the zero. */
function showFalls(page) {
  const { model, view, option } = page;
  const best = worthiest(page);
  const others = model.options.map((_, j) => j).filter((j) => !option(j).has_place && !option(j).is_today);
  const shown = [...(best === null ? [] : [best]), ...others];
  const ends = shown.flatMap((j) => fallOf(page, j).flatMap(({ from, to }) => [from, to]));
  const scale = [Math.min(0, ...ends), Math.max(0, ...ends)];
  view.worth.falls.replaceChildren(...shown.map((j) => fall(page, j, scale)));
  roving(view.worth.falls, '.src');
}

/** Give what each party and the national economy gain: as appraised, or at the multiple of the dial. */
function amountsOf({ model, view: { worth } }, j) {
  const { accounts, by_demand: { multiples } } = model.economics;
  const times = Number(worth.demand.value);
  if (times === 1 || !worth.at[j]) return [...PARTIES, TOTAL].map((key) => (accounts[key] || [])[j]);
  const parties = worth.at[j].map((amounts) => amounts[multiples.indexOf(times)]);
  return [...parties, sum(parties)];
}

/** List the steps from nothing to the national net present value, each party one. */
function fallOf(page, j) {
  const amounts = amountsOf(page, j);
  const total = amounts.pop();
  let at = 0;
  const steps = PARTIES.map((key, n) => ({ key, amount: amounts[n] }))
    .filter(({ amount }) => typeof amount === 'number' && amount)
    .map(({ key, amount }) => ({ key, amount, from: at, to: (at += amount) }));
  return typeof total === 'number' ? [...steps, { key: TOTAL, from: 0, to: total, amount: total }] : steps;
}

function fall(page, j, [low, high]) {
  const { say } = page;
  const x = (amount) => (100 * (amount - low)) / (high - low || 1);
  const bars = fallOf(page, j).flatMap(({ key, from, to, amount }) => {
    const colour = key === TOTAL ? INK : amount < 0 ? LOSS : GAIN;
    const picture = svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { x: x(Math.min(from, to)), width: Math.abs(x(to) - x(from)), height: 10, fill: colour }),
      svg('path', { d: `M${x(0)} 0V10`, class: 'zero' }));
    return [el('span', { text: say('worth.' + key) }), picture, sourced('money', grouped(amount, 0))];
  });
  return el('div', {}, el('h3', {}, optionName(page, j)), el('div', { class: 'fall' }, ...bars));
}

/** Say how many of the sites pay for good from a multiple of today's demand on; each is known exactly. */
function showDemand(page) {
  const { model, view, option, result, say } = page;
  showFalls(page);
  const { demand, said } = view.worth;
  const times = Number(demand.value);
  const turns = model.economics.summary.break_even_demand;
  const sites = model.options.map((_, j) => j).filter((j) => option(j).has_place && !result.failed[j]);
  const paying = sites.filter((j) => typeof turns[j] === 'number' && turns[j] <= times + 1e-9);
  said.replaceChildren(bdi(say('worth.paying', { times: grouped(times, 1), n: sites.length, paying: paying.length })));
}
