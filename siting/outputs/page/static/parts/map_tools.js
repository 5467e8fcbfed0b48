/* Tools of the map: layers to show, the whole county again, and a search for an enterprise. */
import { grouped } from '../core/numbers.js';
import { byId, el } from '../dom.js';
import { enterpriseTip, findEnterprises, proposals } from '../facts/enterprises.js';
import { findFirms } from '../figures/firm_card.js';
import { speakPlaces } from '../map/places.js';
import { roving } from '../roving.js';

export function buildMapTools(page) {
  const { view } = page;
  view.layers = Object.keys(view.map.groups).map((name) => layerBox(view.map, name));
  view.fit = el('button', { type: 'button', onclick: view.map.fit });
  const boxes = view.layers.map(({ box, label }) => el('span', { class: 'check' }, box, label));
  byId('layer-box').append(...boxes, view.fit);
  roving(byId('layer-box'), 'input, button');
  view.search = el('input', { type: 'search', id: 'search', list: 'names', onchange: () => findFirm(page) });
  view.searchLabel = el('label', { for: 'search', class: 'hidden' });
  view.names = el('datalist', { id: 'names' });
  view.found = el('div', { role: 'status', class: 'small' });
  byId('search-box').append(view.searchLabel, view.search, view.names, view.found);
}

function layerBox({ map, groups }, name) {
  const box = el('input', { type: 'checkbox', id: 'layer-' + name });
  box.checked = map.hasLayer(groups[name]);
  box.addEventListener('change', () => (box.checked ? groups[name].addTo(map) : groups[name].remove()));
  return { name, label: el('label', { for: 'layer-' + name }), box };
}

function findFirm(page) {
  const { view, firms, state, say } = page;
  const text = view.search.value;
  const found = text ? findEnterprises(page, text) : [];
  if (found.length === 1) {
    const [n] = found;
    view.map.map.setView([firms.lat[n], firms.lon[n]], 12, { animate: false });
    view.map.marks.open(n);
    view.found.replaceChildren(enterpriseTip(page, state.site, n));
    return;
  }
  const places = found.map((n) => [firms.lat[n], firms.lon[n]]);
  if (found.length) view.map.map.fitBounds(places, { maxZoom: 12, animate: false });
  const n = grouped(found.length, 0);
  view.found.textContent = text ? say(found.length ? 'search.found' : 'search.none', { text, n }) : '';
  if (found.length) findFirms(page, text);
}

export function speakMap(page) {
  const { view, firms, say } = page;
  const zoom = view.map.map.zoomControl;
  [[zoom._zoomInButton, 'zoom.in'], [zoom._zoomOutButton, 'zoom.out']].forEach(([button, key]) => {
    button.title = say(key);
    button.setAttribute('aria-label', say(key));
  });
  const north = document.querySelector('.north svg');
  north.setAttribute('aria-label', say('north.full'));
  north.querySelector('text').textContent = say('north');
  byId('map').setAttribute('role', 'region');
  byId('map').setAttribute('aria-label', say('map'));
  view.layers.forEach(({ name, label }) => (label.textContent = say('layer.' + name)));
  view.fit.textContent = say('fit');
  const search = say(firms.named ? 'search' : 'search.groups');
  view.search.placeholder = search;
  view.searchLabel.textContent = search;
  view.names.replaceChildren(...proposals(page).map((value) => el('option', { value })));
  speakPlaces(page);
}

/** Name what stands below the map on paper. */
export function speakFigure({ nameOf, say }) {
  document.querySelectorAll('figure.static bdi').forEach((node, j) => (node.textContent = nameOf(j)));
  document.querySelector('svg.figure').setAttribute('aria-label', say('map.static'));
}
