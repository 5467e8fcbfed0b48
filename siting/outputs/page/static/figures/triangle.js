/* The triangle of winners over the three heaviest groups of weights; a click on it sets these weights. */
import { cornerScores, winnerPieces } from '../core/triangle.js';
import { rounded, sum } from '../core/weights.js';
import { bdi, byId, el, isWide, svg } from '../dom.js';

const [LEFT, TOP, SIDE] = [70, 22, 200];
const HEIGHT = (SIDE * Math.sqrt(3)) / 2;
// Where each corner lies, in sides and heights: above, left and right below.
const AT = [[0.5, 0], [0, 1], [1, 1]];
const LEAST = 0.03; // part of the triangle in which a letter has room

const spot = (shares) => [
  LEFT + SIDE * sum(shares.map((s, k) => s * AT[k][0])), TOP + HEIGHT * sum(shares.map((s, k) => s * AT[k][1])),
];

export function buildTriangle(page) {
  const { model, base } = page;
  const frame = `0 0 ${SIDE + 2 * LEFT} ${TOP + HEIGHT + 20}`;
  const picture = svg('svg', { viewBox: frame, role: 'img', class: 'triangle' });
  const told = el('figcaption');
  const three = model.groups.map((_, g) => g)
    .sort((a, b) => base.groups[b] - base.groups[a] || a - b).slice(0, 3).sort((a, b) => a - b);
  picture.addEventListener('click', (event) => setShares(page, three, picture, event));
  const title = el('summary');
  const place = el('details', { id: 'split', open: isWide() }, title, el('figure', {}, picture, told));
  const sliders = byId('sliders');
  const row = el('div', { class: 'beside' });
  sliders.replaceWith(row);
  row.append(place, sliders);
  page.view.triangle = { picture, told, three, title, place };
}

export function speakTriangle({ say, view: { triangle } }) {
  triangle.title.textContent = say('triangle.title');
}

export function showTriangle(page) {
  const { result, say, own, join, percent, nameOf, option, colourOf, model, view: { triangle } } = page;
  const { three, picture, told, place } = triangle;
  const all = sum(three.map((g) => result.shares[g]));
  place.hidden = three.length < 3 || !(all > 0) || !result.running.length;
  if (place.hidden) return;
  const pieces = winnerPieces(cornerScores(result.byGroup, result.shares, three), result.running);
  const items = join(pieces.map(({ winner, share }) => nameOf(winner) + ' ' + percent(share)));
  const groups = join(three.map((g) => own(model.groups[g].label)));
  told.replaceChildren(bdi(say('triangle', { groups, all: percent(all), items })));
  picture.setAttribute('aria-label', told.textContent);
  const here = spot(three.map((g) => result.shares[g] / all));
  picture.replaceChildren(
    ...pieces.map(({ winner, polygon }) => svg('polygon', {
      points: polygon.map((point) => spot(point).map(Math.round).join()).join(' '), fill: colourOf(winner),
    })),
    ...pieces.filter(({ share }) => share > LEAST).map(({ winner, polygon }) =>
      label(middle(polygon), option(winner).letter, true)),
    svg('circle', { cx: here[0], cy: here[1], r: 5 }),
    ...three.map((g, k) => label(corner(k), own(model.groups[g].label))));
}

const middle = (polygon) => spot([0, 1, 2].map((k) => sum(polygon.map((point) => point[k])) / polygon.length));
const corner = (k) => [LEFT + SIDE * AT[k][0], k ? TOP + HEIGHT + 16 : TOP - 8];

function label([x, y], text, inside) {
  return svg('text', { x, y: inside ? y + 4 : y, 'text-anchor': 'middle', class: inside ? 'letter' : '' }, text);
}

/** Give the three groups the weights of the point that was chosen. */
function setShares(page, three, picture, { clientX, clientY }) {
  const { state, result } = page;
  const box = picture.getBoundingClientRect();
  const scale = (SIDE + 2 * LEFT) / box.width;
  const up = 1 - ((clientY - box.top) * scale - TOP) / HEIGHT;
  const across = ((clientX - box.left) * scale - LEFT) / SIDE;
  const split = [up, 1 - across - up / 2, across - up / 2];
  if (split.some((share) => share < 0)) return;
  const all = sum(three.map((g) => result.shares[g]));
  state.groups = rounded(result.shares.map((share, g) => (three.includes(g) ? all * split[three.indexOf(g)] : share)));
  page.update();
}
