/* How often each option comes first: over weights, over registers, over other versions of the study. */
import { BLUE } from '../colours.js';
import { grouped } from '../core/numbers.js';
import { byId, el, svg, table } from '../dom.js';
import { optionName, scroll } from './elements.js';

/** Write the range of each group's weight that keeps the winner; follows the sliders. */
export function showRanges({ model, result, say, own, join, percent, nameOf }) {
  const { running, strips, shares } = result;
  if (!running.length) return;
  const items = strips.flatMap((pieces, g) => pieces
    .filter((p) => p.winner === running[0] && p.from <= shares[g] + 1e-9 && p.to >= shares[g] - 1e-9)
    .map((p) => {
      const ends = { low: percent(p.from), high: percent(p.to) };
      return say('robust.range', { group: own(model.groups[g].label), ...ends });
    }));
  byId('ranges').textContent = say('robust.keep', { name: nameOf(running[0]), items: join(items) });
}

const sharePercent = ({ say }, percent) => say('number.share', { n: grouped(percent, 1) });

function shareCell(page, share) {
  const bar = svg('svg', { class: 'share', 'aria-hidden': 'true' },
    svg('rect', { width: 100 * share + '%', height: 10, fill: BLUE }));
  return el('span', { class: 'share-cell' }, bar, sharePercent(page, 100 * share));
}

// Half the distance of the weights is what changes hands.
const distance = (page, d) => (d === 'inf' ? page.say('robust.distance.never') : sharePercent(page, 50 * d));

export function shareTable(page, sure) {
  const { model, say } = page;
  const columns = ['shares', 'joint', 'bootstrap'].filter((key) => sure[key]);
  const order = model.listed.filter((j) => sure.shares[j] !== null)
    .sort((a, b) => sure.shares[b] - sure.shares[a] || a - b);
  const labels = { shares: 'robust.share', joint: 'robust.joint', bootstrap: 'robust.bootstrap' };
  const rows = order.map((j) =>
    [optionName(page, j), ...columns.map((key) => shareCell(page, sure[key][j])), distance(page, sure.distance[j])]);
  const head = [say('option'), ...columns.map((key) => say(labels[key])), say('robust.distance')];
  return scroll(say('robust'), table(head, rows));
}

/** Tabulate registers of many seeds under each spread rule. */
export function registerTable(page, sure) {
  const { model, say } = page;
  const shown = model.options.map((_, j) => j).filter((j) => sure.registers.some(([, shares]) => shares[j] > 0));
  if (!shown.length) return '';
  const rows = sure.registers.map(([rule, shares]) =>
    [say('spread.' + rule), ...shown.map((j) => shareCell(page, shares[j]))]);
  const head = [say('robust.registers'), ...shown.map((j) => optionName(page, j))];
  return scroll(say('robust.registers'), table(head, rows));
}
