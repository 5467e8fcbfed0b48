/* How often each option comes first: over weights, over registers, over other versions of the study. */
import { grouped } from '../core/numbers.js';
import { byId, el, svg, table } from '../dom.js';
import { heads, optionName, scroll } from './elements.js';

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
    svg('rect', { width: 100 * share + '%', height: 10, fill: '#1f4e79' }));
  return el('span', { class: 'share-cell' }, bar, sharePercent(page, 100 * share));
}

// Half the distance of the weights is what changes hands.
const distance = (page, d) => (d === 'inf' ? page.say('robust.distance.never') : sharePercent(page, 50 * d));

export function shareTable(page, sure) {
  const { model, say } = page;
  const columns = ['shares', 'joint', 'bootstrap'].filter((key) => sure[key]);
  const order = model.options.map((_, j) => j)
    .filter((j) => sure.shares[j] !== null)
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

/** Name one version of a kind of test; roads and the like carry their own names. */
function versionName(page, family, detail) {
  if (family === 'anchors') return anchorName(page, detail);
  if (['peak', 'hard_cutoff'].includes(family)) return page.say(family, { n: detail });
  return ['account', 'phase'].includes(family) ? page.word(family + '.' + detail, detail) : detail;
}

/** Read "criterion best +25%" as the library labels it. */
function anchorName({ model, say, own }, detail) {
  const [id, end, share] = detail.split(' ');
  const criterion = model.criteria.find((c) => c.id === id);
  return [criterion ? own(criterion.label) : say('anchor.all'), say('anchor.' + end), share].join(' ');
}

/** Group versions by the option that comes first; of many only those that change the winner. */
function testRow(page, sure, [family, count, same, versions]) {
  const { say, join, word, percent, nameById } = page;
  const items = versions.map(([winner, n, details]) => {
    const named = join(details.map((detail) => versionName(page, family, detail)));
    const what = named + (n > details.length ? say('robust.more', { n }) : '');
    return say('robust.version', { what, name: nameById(winner) });
  });
  const firsts = items.length ? join(items, 'stop') : nameById(sure.winner);
  return [word('test.' + family, family), String(count), percent(same / count), firsts];
}

export function testTable(page, sure) {
  const rows = sure.tests.map((test) => testRow(page, sure, test));
  const head = heads(page, 'robust.tests', 'robust.versions', 'robust.kept', 'robust.others');
  return rows.length ? scroll(page.say('robust.tests'), table(head, rows)) : '';
}
