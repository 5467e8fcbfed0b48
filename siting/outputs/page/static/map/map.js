/* The map of the page, built once: outline, trunk roads, places, enterprises, sites. */
import * as L from 'leaflet';
import { enterpriseTip } from '../facts/enterprises.js';
import { drawGround, drawRoads } from './ground.js';
import { drawFirms } from './marks.js';
import { createMap, createRenderers } from './panes.js';
import { declutter, drawPlaces } from './places.js';
import { drawSites } from './sites.js';

export function buildMap(page, holder) {
  const { firms, state } = page;
  const { layers } = page.model;
  const map = createMap(holder);
  const inPane = createRenderers(map, firms.rows.length);
  const county = drawGround(map, layers, inPane);
  const roads = drawRoads(map, layers.roads, inPane);
  const places = drawPlaces(map, layers);
  const marks = drawFirms(map, firms, (n) => enterpriseTip(page, state.site, n), inPane);
  const sites = drawSites(map, page);
  const groups = {
    isochrones: L.layerGroup().addTo(map), flows: L.layerGroup().addTo(map), saved: L.layerGroup(),
    firms: marks.group, roads, places: places.group,
  };
  const fit = () => map.fitBounds(county.getBounds(), { padding: [4, 4], animate: false });
  fit();
  map.on('zoomend', () => declutter(places.names));
  new ResizeObserver(() => map.invalidateSize({ animate: false, debounceMoveend: true })).observe(holder);
  page.view.map = { map, inPane, groups, places, marks, sites, fit };
}
