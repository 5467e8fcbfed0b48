/* Whether building pays: what each party gains or loses, and from which demand on the sum is not negative. */
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, svg } from '../dom.js';
import { optionName } from '../summaries/elements.js';
import { roving } from '../roving.js';
import { sourced } from '../summaries/source_panel.js';
import { worthiest } from './answers.js';

const PARTIES = ['npv_enterprises', 'npv_city_laboratory', 'npv_others', 'npv_toll_operator', 'npv_public'];
const [GAIN, LOSS, SUM] = ['#0b7a6f', '#c25608', '#1b2733'];

export function buildWorth({ view, model }) {
  if (!model.economics) return;
  view.worth = {
    falls: el('div', { class: 'falls' }), note: el('p', { class: 'note' }),
    label: el('label', { for: 'demand' }), said: el('output', { for: 'demand' }),
    demand: el('input', { type: 'range', id: 'demand', min: 0.5, max: 5, step: 0.1, value: 1 }),
  };
  const { falls, note, label, said, demand } = view.worth;
  byId('worth').append(falls, note, el('div', { class: 'dial' }, label, demand, said));
}

/** Show the waterfalls of the best site and of the options without one, today's left out: it is the zero. */
export function showWorth(page) {
  const { model, view, option, say, own } = page;
  if (!model.economics) return;
  const best = worthiest(page);
  const others = model.options.map((_, j) => j).filter((j) => !option(j).has_place && !option(j).is_today);
  const shown = [...(best === null ? [] : [best]), ...others];
  const ends = shown.flatMap((j) => fallOf(page, j).flatMap(({ from, to }) => [from, to]));
  const scale = [Math.min(0, ...ends), Math.max(0, ...ends)];
  view.worth.falls.replaceChildren(...shown.map((j) => fall(page, j, scale)));
  roving(view.worth.falls, '.src');
  const today = model.options.findIndex((o) => o.is_today);
  view.worth.note.textContent = say('worth.note', { today: today < 0 ? '' : own(model.options[today].name) });
  view.worth.label.textContent = say('worth.demand');
  view.worth.demand.oninput = () => showDemand(page);
  showDemand(page);
}

/** List the steps from nothing to the national net present value, each party one. */
function fallOf({ model }, j) {
  const { accounts } = model.economics;
  let at = 0;
  const steps = PARTIES.filter((key) => accounts[key] && typeof accounts[key][j] === 'number' && accounts[key][j])
    .map((key) => ({ key, from: at, to: (at += accounts[key][j]), amount: accounts[key][j] }));
  const total = accounts.npv_national[j];
  return typeof total === 'number' ? [...steps, { key: 'npv_national', from: 0, to: total, amount: total }] : steps;
}

function fall(page, j, [low, high]) {
  const { say } = page;
  const x = (amount) => (100 * (amount - low)) / (high - low || 1);
  const bars = fallOf(page, j).flatMap(({ key, from, to, amount }) => {
    const colour = key === 'npv_national' ? SUM : amount < 0 ? LOSS : GAIN;
    const picture = svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { x: x(Math.min(from, to)), width: Math.abs(x(to) - x(from)), height: 10, fill: colour }),
      svg('path', { d: `M${x(0)} 0V10`, class: 'zero' }));
    return [el('span', { text: say('worth.' + key) }), picture, sourced('money', grouped(amount, 0))];
  });
  return el('div', {}, el('h3', {}, optionName(page, j)), el('div', { class: 'fall' }, ...bars));
}

/** Say how many of the sites pay for good from a multiple of today's demand on; each is known exactly. */
function showDemand({ model, view, option, result, say }) {
  const { demand, said } = view.worth;
  const times = Number(demand.value);
  const turns = model.economics.summary.break_even_demand;
  const sites = model.options.map((_, j) => j).filter((j) => option(j).has_place && !result.failed[j]);
  const paying = sites.filter((j) => typeof turns[j] === 'number' && turns[j] <= times + 1e-9);
  said.replaceChildren(bdi(say('worth.paying', { times: grouped(times, 1), n: sites.length, paying: paying.length })));
}
