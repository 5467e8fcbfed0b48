/* The empty map: controls, panes in order, and what draws in each. */
import * as L from 'leaflet';
import { INK } from '../colours.js';
import { svg } from '../dom.js';

const PANES = ['context', 'outline', 'isochrones', 'roads', 'flows', 'saved', 'firms'];
// Above, elements are slow to draw and a canvas takes their place.
export const MOST_MARKERS = 500;

function northArrow() {
  const control = L.control({ position: 'topright' });
  control.onAdd = () => {
    const node = document.createElement('div');
    node.className = 'north';
    node.append(
      svg('svg', { viewBox: '0 0 30 46', width: 30, height: 46, role: 'img' },
        svg('text', { x: 15, y: 13, 'text-anchor': 'middle' }),
        svg('path', { d: 'M15 16l9 28l-9-6z', fill: INK }),
        svg('path', { d: 'M15 16l-9 28l9-6z', fill: '#fff', stroke: INK })));
    return node;
  };
  return control;
}

export function createMap(holder) {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const map = L.map(holder, {
    zoomSnap: 0.25, minZoom: 8, maxZoom: 15, zoomAnimation: !still, fadeAnimation: !still,
    markerZoomAnimation: !still, attributionControl: false, scrollWheelZoom: false,
  });
  // The wheel scrolls the page until the reader has chosen the map.
  map.on('focus click', () => map.scrollWheelZoom.enable());
  map.on('blur', () => map.scrollWheelZoom.disable());
  northArrow().addTo(map);
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  PANES.forEach((name, n) => {
    map.createPane(name).style.zIndex = 300 + n;
  });
  return map;
}

/** Make a function that puts a pane and its renderer into the options of a layer. */
export function createRenderers(map, rows) {
  const many = rows > MOST_MARKERS;
  const renderers = {};
  Object.keys(map.getPanes()).forEach((pane) => {
    const renderer = many && ['flows', 'saved'].includes(pane) ? L.canvas : L.svg;
    renderers[pane] = renderer({ pane, padding: 0.3 });
  });
  return (pane, options) => ({ pane, renderer: renderers[pane], interactive: false, ...options });
}
