/* Names on the map: places, districts, roads; the less important ones give way. */
import * as L from 'leaflet';
import { unpackLines } from '../core/packing.js';
import { SCALE } from './ground.js';

const PRIORITY = ['seat', 'water', 'subdistrict', 'town', 'township', 'zone', 'city', 'outside'];

function label(group, at, className) {
  const node = document.createElement('span');
  node.className = className;
  const icon = L.divIcon({ html: node, className: 'place', iconSize: [0, 0] });
  L.marker(unpackLines(at, SCALE)[0][0], { icon, interactive: false, keyboard: false }).addTo(group);
  return node;
}

export function drawPlaces(map, layers) {
  const group = L.layerGroup().addTo(map);
  const names = [...layers.places]
    .sort(([, a], [, b]) => PRIORITY.indexOf(a) - PRIORITY.indexOf(b))
    .map(([name, kind, at, uncertain]) => ({ name, node: label(group, at, kind + (uncertain ? ' uncertain' : '')) }));
  layers.context.forEach((d) => names.push({ name: d.name, node: label(group, d.at, 'district') }));
  layers.roads.names.forEach((r) => {
    names.push({ name: [r.ref, r.ref], node: label(group, r.at, 'road') });
  });
  return { group, names };
}

/** Hide labels that would lie on a more important one. */
export function declutter(names) {
  const taken = [];
  names.forEach(({ node }) => node.classList.remove('covered'));
  names.forEach(({ node }) => {
    const box = node.getBoundingClientRect();
    const hits = taken.some((t) =>
      box.left < t.right && box.right > t.left && box.top < t.bottom && box.bottom > t.top);
    if (hits) node.classList.add('covered');
    else taken.push(box);
  });
}

export function speakPlaces({ view, own }) {
  const { names } = view.map.places;
  names.forEach(({ name, node }) => (node.textContent = own(name)));
  declutter(names);
}
