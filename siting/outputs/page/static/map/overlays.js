/* What the map shows of the chosen option: isochrones, flows, hours saved. */
import * as L from 'leaflet';
import { BANDS, GAIN, LOSS, MUTE } from '../colours.js';
import { unpackLines } from '../core/packing.js';
import { COARSE } from './ground.js';

const FEW_LINES = 500;

export function showOverlays(page) {
  drawIsochrones(page);
  drawFlows(page);
  drawSaved(page);
}

function drawIsochrones({ model, state, view, option, placeOf }) {
  const { groups, inPane } = view.map;
  groups.isochrones.clearLayers();
  const bands = model.layers.isochrones[placeOf(option(state.site).id)] || [];
  bands.forEach(([minutes, rings], n) => {
    const fillColor = BANDS[Math.min(bands.length - 1 - n, BANDS.length - 1)];
    const stroke = minutes === state.cutoff;
    const style = { color: BANDS[1], weight: 1.2, stroke, fillColor, fillOpacity: 0.25 };
    L.polygon(unpackLines(rings, COARSE), inPane('isochrones', style)).addTo(groups.isochrones);
  });
}

function drawFlows({ firms, state, view, option, placeOf, colourOf }) {
  const { groups, inPane } = view.map;
  groups.flows.clearLayers();
  const site = option(state.site);
  const minutes = firms.minutes[placeOf(site.id)];
  if (!site.at || !minutes) return;
  const home = [site.at[1], site.at[0]];
  const within = [];
  const beyond = [];
  minutes.forEach((m, n) => {
    if (m !== null) (m <= state.cutoff ? within : beyond).push([[firms.lat[n], firms.lon[n]], home]);
  });
  // Thousands of lines would cover what lies below; the fainter they are, the more of it shows.
  const faint = Math.max(0.15, Math.min(1, FEW_LINES / minutes.length));
  const draw = (lines, style) => L.polyline(lines, inPane('flows', style)).addTo(groups.flows);
  draw(beyond, { color: MUTE, weight: 0.6, opacity: 0.3 * faint, dashArray: '3 5' });
  draw(within, { color: colourOf(state.site), weight: 0.7, opacity: 0.35 * faint });
}

function drawSaved({ firms, state, view, option }) {
  const { groups, inPane } = view.map;
  groups.saved.clearLayers();
  const saved = firms.saved[option(state.site).id];
  if (!saved) return;
  const largest = saved.reduce((most, s) => Math.max(most, Math.abs(s || 0)), 1);
  saved.forEach((s, n) => {
    if (!s) return;
    const colour = s > 0 ? GAIN : LOSS;
    const radius = 2 + 14 * Math.sqrt(Math.abs(s) / largest);
    const style = { radius, fillColor: colour, color: colour, weight: 0.8, fillOpacity: 0.3 };
    L.circleMarker([firms.lat[n], firms.lon[n]], inPane('saved', style)).addTo(groups.saved);
  });
}
