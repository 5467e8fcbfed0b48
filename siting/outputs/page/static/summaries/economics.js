/* Costs and benefits of the options. */
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, paragraphs, table } from '../dom.js';
import { fold, optionName } from './elements.js';

export function speakEconomics(page) {
  const { model, say } = page;
  const found = model.economics;
  byId('economics-section').hidden = !found;
  if (!found) return;
  const account = say('economics.account', { account: say('account.' + found.account) });
  byId('economics').replaceChildren(
    el('p', { class: 'note', text: account }),
    figureTable(page, found), ...ofRanks(page, found));
}

/** Say what prices and pledges do to the order of the options, where there is one. */
function ofRanks(page, found) {
  return page.isUnranked ? [] : [...paragraphs(economicTexts(page, found)), tieTable(page, found)];
}

function figureTable(page, found) {
  const { model, say } = page;
  const order = model.options.map((_, j) => j);
  // Both accounts stand side by side, so the one in use needs no row of its own.
  const figures = Object.entries({ ...found.summary, ...found.accounts }).filter(([key]) => key !== 'npv_wan');
  const lines = figures.map(([key, values]) =>
    [say('eco.' + key), ...order.map((j) => economicCell(page, key, values[j], j))]);
  return table([say('economics.item'), ...order.map((j) => optionName(page, j))], lines, 'scores');
}

function economicCell({ say, option }, key, value, j) {
  if (option(j).is_today && key.startsWith('break_even')) return say('na');
  if (value === null) return say(key === 'break_even_year' ? 'eco.never' : 'number.missing');
  if (value === 'inf') return say('eco.none');
  return grouped(value, Math.abs(value) < 100 && key !== 'break_even_year' ? 1 : 0);
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
  const lines = down.map((j) => [bdi(nameOf(j)), ...across.map((other) => cell(j, other))]);
  const prices = table([say('option'), ...across.map((j) => bdi(nameOf(j)))], lines);
  return fold(page, 'ties', el('div', {}, prices, el('p', { class: 'note', text: say('ties.note') })));
}

function economicTexts({ model, say, own, join, number, nameById }, found) {
  const first = Object.fromEntries(Object.entries(found.pledges_first).map(([kind, id]) => [kind, nameById(id)]));
  const decides = model.pledges.filter((p) => found.decides.includes(p.id)).map((p) => own(p.who));
  const pledged = model.pledges.length > 0;
  const undecided = first.all && say('economics.undecided');
  return [
    found.hinges && say('economics.hinges'),
    ...found.offers.map(([id, , worth, minutes]) => say('economics.offer', {
      name: nameById(id), worth: number(worth, 'wan'), minutes: number(minutes, 'minutes'),
    })),
    pledged && first.all && say('economics.pledges', first),
    pledged && (decides.length ? say('economics.decides', { names: join(decides) }) : undecided),
  ];
}
