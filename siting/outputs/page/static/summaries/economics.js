/* Costs and benefits of the options. */
import { grouped, multiple } from '../core/numbers.js';
import { bdi, byId, el, paragraphs, table } from '../dom.js';
import { roving } from '../roving.js';
import { leftOut } from '../facts/standing.js';
import { fold, noteOf, optionName } from './elements.js';
import { sourced } from './source_panel.js';

export function speakEconomics(page) {
  const { model, say } = page;
  const found = model.economics;
  byId('economics-section').hidden = !found;
  if (!found) return;
  const account = say('economics.account', { account: say('account.' + found.account) });
  byId('economics').replaceChildren(
    el('p', { class: 'note', text: account }), ...noteOf(leftOut(page)),
    figureTable(page, found), ...ofRanks(page, found));
  roving(byId('economics'), '.src');
}

/** Say what prices and pledges do to the order of the options, where there is one. */
function ofRanks(page, found) {
  return page.isUnranked ? [] : [...paragraphs(economicTexts(page, found)), tieTable(page, found)];
}

function figureTable(page, found) {
  const { model, say } = page;
  const order = model.listed;
  // All accounts stand side by side, the national economy first among them.
  const figures = Object.entries({ ...found.summary, ...found.accounts }).filter(([key]) => key !== 'npv_wan');
  const lines = figures.map(([key, values]) =>
    [say('eco.' + key), ...order.map((j) => economicCell(page, key, values[j], j))]);
  return table([say('economics.item'), ...order.map((j) => optionName(page, j))], lines, 'scores');
}

/** Figures that keeping going to the city has none of: it is what the others are set against. */
const OF_A_PROJECT = ['bcr', 'eirr', 'payback_years', 'break_even_demand'];

function missing({ say, model }, key, j) {
  if (key === 'eirr') return say('eirr.' + model.economics.rates[j]);
  return say(key === 'payback_years' ? 'eco.never' : 'number.missing');
}

function economicCell({ say, option, model }, key, value, j) {
  if (option(j).is_today && OF_A_PROJECT.includes(key)) return say('na');
  if (value === null) return missing({ say, model }, key, j);
  if (value === 'inf') return say('eco.none');
  if (key === 'eirr') return sourced('money', say('number.share', { n: grouped(100 * value, 1) }));
  if (key === 'break_even_demand') return sourced('money', multiple(value));
  const decimals = key === 'bcr' ? 2 : Math.abs(value) < 100 && key !== 'staff' ? 1 : 0;
  return sourced('money', grouped(value, decimals));
}

/** Tabulate prices of land at which two options score alike, options on new land only. */
function tieTable(page, found) {
  const { model, say, nameOf } = page;
  const tied = (n) => model.options.map((_, j) => j).filter((j) => found.land_ties.some((tie) => tie[n] === j));
  const [down, across] = [tied(0), tied(1)];
  if (!down.length) return '';
  const cell = (j, other) => {
    const tie = found.land_ties.find(([a, b]) => a === j && b === other);
    if (!tie) return say('number.missing');
    return tie[2] < 0 ? say('ties.free') : grouped(tie[2], 1);
  };
  const places = model.options.filter((o) => o.has_place).length;
  const few = places > found.most_tied ? say('ties.few', { n: found.most_tied }) : '';
  const lines = down.map((j) => [bdi(nameOf(j)), ...across.map((other) => cell(j, other))]);
  const prices = table([say('option'), ...across.map((j) => bdi(nameOf(j)))], lines);
  return fold(page, 'ties', el('div', {}, prices, ...noteOf(say('ties.note')), ...noteOf(few)));
}

function economicTexts({ say, own, join, number, nameById }, found) {
  const first = Object.fromEntries(Object.entries(found.pledges_first).map(([kind, id]) => [kind, nameById(id)]));
  const undecided = first.all && say('economics.undecided');
  const names = join(found.decides.map(own));
  return [
    ...found.said.map(own),
    found.hinges && say('economics.hinges'),
    ...found.offers.map(([id, , worth, minutes]) => say('economics.offer', {
      name: nameById(id), worth: number(worth, 'wan'), minutes: number(minutes, 'minutes'),
    })),
    found.pledged && first.all && say('economics.pledges', first),
    found.pledged && (found.decides.length ? say('economics.decides', { names }) : undecided),
  ];
}
