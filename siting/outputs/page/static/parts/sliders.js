/* The sliders: weight of each group and of each criterion within it, with the strip of winners. */
import { GROUPS } from '../colours.js';
import { normalised, rounded, sum, withShare } from '../core/weights.js';
import { byId, el, svg, swatch } from '../dom.js';
import { writeHash } from '../permalink.js';

/** Whether a slider is held: the address, which browsers are slow to change, then waits for its release. */
export const isDragged = () => document.querySelector('input[type=range]:active') !== null;

function slider(id, colour, onmove, onrest) {
  const parts = {
    label: el('label', { for: id }), output: el('output', { for: id }),
    input: el('input', { type: 'range', id, min: 0, max: 100, step: 1 }),
  };
  parts.input.addEventListener('change', onrest);
  parts.input.addEventListener('input', () => onmove(Number(parts.input.value) / 100));
  return { ...parts, head: el('div', { class: 'slider-head' }, swatch(colour), parts.label, parts.output) };
}

export function buildSliders(page) {
  const { view, model, state, base } = page;
  view.within = [];
  view.groups = model.groups.map((group, g) => {
    const parts = slider('group-' + g, GROUPS[g], (share) => {
      state.groups = rounded(withShare(page.result.shares, g, share, base.groups));
      page.update();
    }, () => writeHash(page));
    const strip = svg('svg', { role: 'img', class: 'strip' });
    const details = buildWithin(page, g);
    byId('sliders').append(el('div', { class: 'slider' }, parts.head, parts.input, strip, details.node));
    return { ...parts, strip, summary: details.summary };
  });
  view.zero = el('p', { class: 'note', role: 'status' });
  byId('sliders').append(view.zero);
  byId('reset').addEventListener('click', () => {
    state.cutoff = model.cutoff;
    setWeights(page, base);
    page.showOption();
    byId('contents').querySelector('a').focus();
  });
}

const membersOf = (model, g) => model.criteria.map((c, k) => k).filter((k) => model.criteria[k].group === g);

function buildWithin(page, g) {
  const { view, model } = page;
  const summary = el('summary');
  const node = el('details', { class: 'within' }, summary);
  const members = membersOf(model, g);
  members.forEach((k) => {
    const parts = slider('criterion-' + k, GROUPS[g], (share) => moveWithin(page, members, k, share),
      () => writeHash(page));
    node.append(el('div', { class: 'slider small' }, parts.head, parts.input));
    view.within[k] = parts;
  });
  return { node, summary };
}

function moveWithin(page, members, k, share) {
  const { state, base } = page;
  const inside = members.map((m) => state.within[m]);
  const fallback = members.map((m) => base.within[m]);
  const total = sum(inside) || 1;
  const moved = rounded(withShare(inside.map((w) => w / total), members.indexOf(k), share, fallback));
  state.within = state.within.map((w, m) => (members.includes(m) ? moved[members.indexOf(m)] : w));
  page.update();
}

export function setWeights(page, weights) {
  page.state.groups = rounded(normalised(weights.groups));
  page.state.within = weights.within;
  page.update();
}

export function showSliders(page) {
  const { view, model, state, result, say, own, percent } = page;
  view.groups.forEach((parts, g) => {
    const share = result.shares[g];
    showShare(parts, share, percent(share));
    showStrip(page, parts.strip, result.strips[g], share, own(model.groups[g].label));
  });
  view.within.forEach((parts, k) => {
    const members = membersOf(model, model.criteria[k].group).map((m) => state.within[m]);
    const total = sum(members);
    const share = total > 0 ? state.within[k] / total : 0;
    showShare(parts, share, percent(share));
    parts.input.disabled = members.length < 2;
  });
  view.zero.textContent = result.weights.some((w) => w > 0) ? '' : say('weights.zero');
}

function showShare({ output, input }, share, text) {
  output.textContent = text;
  input.value = Math.round(100 * share);
  input.setAttribute('aria-valuetext', text);
}

function showStrip({ say, join, nameOf, percent, option, colourOf }, node, pieces, share, label) {
  const nodes = pieces.flatMap((piece) => {
    const width = piece.to - piece.from;
    const rect = svg('rect', {
      x: 100 * piece.from + '%', y: 2, width: 100 * width + '%', height: 12, fill: colourOf(piece.winner),
    });
    if (width < 0.06) return [rect];
    const place = { x: 100 * (piece.from + width / 2) + '%', y: 12, 'text-anchor': 'middle', fill: '#fff' };
    return [rect, svg('text', place, option(piece.winner).letter)];
  });
  const here = { x1: 100 * share + '%', x2: 100 * share + '%', y1: 0, y2: 16, class: 'here' };
  node.replaceChildren(...nodes, svg('line', here));
  const items = pieces.map((p) => nameOf(p.winner) + ' ' + percent(p.from) + '–' + percent(p.to));
  node.setAttribute('aria-label', say('strip', { label, items: join(items, 'stop') }));
}

export function speakSliders({ view, model, say, own }) {
  view.groups.forEach((parts, g) => {
    parts.label.textContent = own(model.groups[g].label);
    parts.summary.textContent = say('weights.within');
  });
  view.within.forEach((parts, k) => (parts.label.textContent = own(model.criteria[k].label)));
}
