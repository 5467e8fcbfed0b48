/* The ground of the map: neighbouring districts, outline of the county, trunk roads. */
import * as L from 'leaflet';
import { EMPTY, MUTE, TINT } from '../colours.js';
import { unpackLines } from '../core/packing.js';
import { ROADS } from './symbols.js';

// Steps in a degree, as map_layers.py packs them.
export const SCALE = 10000;
export const COARSE = 500;

/** Draw districts and county; return the county, or where its outline is unknown the unseen area of the points. */
export function drawGround(map, layers, inPane) {
  const district = { color: EMPTY, weight: 1, fillColor: TINT, fillOpacity: 1 };
  layers.context.forEach((d) => L.polygon(unpackLines(d.rings, COARSE), inPane('context', district)).addTo(map));
  const county = { color: MUTE, weight: 1.8, dashArray: '9 3 2 3', fillColor: '#fff', fillOpacity: 1 };
  const style = layers.bounded ? county : { stroke: false, fill: false };
  return L.polygon(unpackLines(layers.outline, SCALE), inPane('outline', style)).addTo(map);
}

export function drawRoads(map, { scale, groups: roads }, inPane) {
  const group = L.layerGroup().addTo(map);
  const draw = (road, color, weight, dashArray) => {
    const style = { color, weight, dashArray, opacity: 1 };
    L.polyline(unpackLines(road.lines, scale), inPane('roads', style)).addTo(group);
  };
  roads.forEach((road) => draw(road, ROADS[road.class].casing, ROADS[road.class].width));
  // A stretch whose course is only believed shows as broken filling.
  roads.forEach((road) =>
    draw(road, ROADS[road.class].fill, ROADS[road.class].width - 1.6, road.believed ? '6 5' : null));
  return group;
}
