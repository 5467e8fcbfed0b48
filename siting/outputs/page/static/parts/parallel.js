/* Parallel coordinates: an axis for each criterion, a line for each option. */
import { byId, svg } from '../dom.js';

const [LEFT, RIGHT, TOP, BOTTOM, WIDTH] = [40, 40, 34, 190, 1000];
const y = (value) => BOTTOM - value * (BOTTOM - TOP);

export function showParallel(page) {
  const { model, say } = page;
  const last = model.criteria.length - 1;
  const x = (k) => LEFT + (k * (WIDTH - LEFT - RIGHT)) / Math.max(1, last);
  const frame = { viewBox: `0 0 ${WIDTH} 222`, role: 'img', 'aria-label': say('compare'), class: 'parallel' };
  const node = svg('svg', frame);
  drawAxes(page, node, x);
  drawLines(page, node, x);
  placeLetters(page, node, x(last) + 10, last);
  byId('parallel').replaceChildren(node);
}

function drawAxes({ model, result, say, own, percent }, node, x) {
  model.criteria.forEach((c, k) => {
    const title = svg('text', { x: x(k), y: 16, 'text-anchor': 'middle' });
    title.textContent = own(c.short);
    const share = svg('text', { x: x(k), y: 210, 'text-anchor': 'middle', class: 'faint' });
    share.textContent = say('weight') + ' ' + percent(result.weights[k]);
    node.append(svg('path', { d: `M${x(k)} ${TOP}V${BOTTOM}`, class: 'axis' }), title, share);
  });
}

/** Draw the chosen option last, above the others. */
function drawLines({ model, result, state, colourOf }, node, x) {
  [...result.order].reverse().sort((a, b) => (a === state.site) - (b === state.site)).forEach((j) => {
    const points = model.criteria.map((_, k) => `${x(k)},${y(result.values[j][k])}`).join(' ');
    const chosen = j === state.site;
    node.append(svg('polyline', { points, stroke: colourOf(j), class: chosen ? 'line chosen' : 'line' }));
  });
}

/** Place letters at the right end, pushed apart where lines end together. */
function placeLetters({ result, option, colourOf }, node, x, k) {
  let last = -Infinity;
  [...result.order].sort((a, b) => result.values[b][k] - result.values[a][k]).forEach((j) => {
    last = Math.max(last + 12, y(result.values[j][k]) + 4);
    const letter = svg('text', { x, y: last, fill: colourOf(j), class: 'end' });
    letter.textContent = option(j).letter;
    node.append(letter);
  });
}
