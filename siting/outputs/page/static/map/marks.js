/* Enterprises on the map: a symbol each, or thousands of dots on one canvas. */
import * as L from 'leaflet';
import { SERIES } from '../colours.js';
import { countByHexagon } from '../core/hexagons.js';
import { MOST_MARKERS } from './panes.js';
import { symbolOf } from './symbols.js';

// Pixels from a dot within which the pointer means it.
const REACH = 6;
// More dots than these cover the map like a carpet, until it is enlarged this far.
const MOST_DOTS = 5000;
// Of more than these symbols are drawn small.
const MOST_LARGE = 1500;
const ZOOM_OF_DOTS = 13;
const HEXAGON = { radius: 9, colour: SERIES[0], palest: 0.12 };

/** One enterprise: a circle marker of Leaflet that draws another shape. */
const FirmMarker = L.CircleMarker.extend({
  _updatePath() {
    const { x, y } = this._point;
    const size = this._map.getZoom() < 10.5 ? 0.75 : 1;
    this._renderer._setPath(this, symbolOf(this.options.industry).path);
    this._path.setAttribute('transform', `translate(${x} ${y}) scale(${size})`);
  },
});

function drawMarkers(map, firms, tip, inPane) {
  const group = L.layerGroup().addTo(map);
  // One tip for all: a tip of its own would make each symbol a stop of the keyboard.
  const shown = L.tooltip({ className: 'tip' });
  const open = (n) => map.openTooltip(shown.setLatLng([firms.lat[n], firms.lon[n]]).setContent(tip(n)));
  firms.lon.forEach((x, n) => {
    const style = { fillColor: symbolOf(firms.industry[n]).colour, fillOpacity: 0.9, color: '#fff', weight: 0.8 };
    const own = { radius: 6, industry: firms.industry[n], interactive: true };
    const marker = new FirmMarker([firms.lat[n], x], inPane('firms', { ...style, ...own })).addTo(group);
    marker.on('mouseover click', () => open(n)).on('mouseout', () => shown.remove());
  });
  return { group, open };
}

/** Draw an industry's symbol once, to be stamped for every dot. */
function stamp(industry, size, ratio) {
  const { path, colour } = symbolOf(industry);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.ceil(12 * size * ratio);
  const context = canvas.getContext('2d');
  context.setTransform(size * ratio, 0, 0, size * ratio, canvas.width / 2, canvas.height / 2);
  context.fillStyle = colour;
  context.fill(new Path2D(path));
  return canvas;
}

const worldX = (lon) => lon / 360 + 0.5;
const worldY = (lat) => 0.5 - Math.atanh(Math.sin((lat * Math.PI) / 180)) / (2 * Math.PI);

/** Thousands of enterprises on one canvas: positions on the world's square, stamped where in view. */
const Dots = L.Layer.extend({
  initialize(firms, tip) {
    this._firms = firms;
    this._tip = tip;
    this._x = Float64Array.from(firms.dots.lon, worldX);
    this._y = Float64Array.from(firms.dots.lat, worldY);
    this._tooltip = L.tooltip({ className: 'tip' });
  },
  onAdd(map) {
    this._canvas = document.createElement('canvas');
    this._canvas.className = 'leaflet-zoom-hide';
    this._canvas.setAttribute('aria-hidden', 'true');
    map.getPane('firms').append(this._canvas);
    this._draw();
  },
  onRemove() {
    this._canvas.remove();
    this._tooltip.remove();
  },
  getEvents() {
    const [draw, hover] = [this._draw, this._hover];
    return { moveend: draw, zoomend: draw, mousemove: hover, click: hover };
  },
  _draw() {
    const map = this._map;
    const size = map.getSize();
    const ratio = window.devicePixelRatio || 1;
    const canvas = this._canvas;
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    [canvas.width, canvas.height] = [size.x * ratio, size.y * ratio];
    [canvas.style.width, canvas.style.height] = [size.x + 'px', size.y + 'px'];
    const context = canvas.getContext('2d');
    if (this._isCrowded()) this._drawHexagons(context, ratio);
    else this._drawDots(context, ratio);
  },
  _isCrowded() {
    return this._x.length > MOST_DOTS && this._map.getZoom() < ZOOM_OF_DOTS;
  },
  /** The darker a hexagon, the more enterprises; the root keeps single ones in sight. */
  _drawHexagons(context, ratio) {
    const { radius, colour, palest } = HEXAGON;
    const cells = countByHexagon((visit) => this._eachInView(visit), radius);
    const most = cells.reduce((largest, { count }) => Math.max(largest, count), 1);
    context.fillStyle = colour;
    cells.forEach(({ at: [x, y], count }) => {
      context.globalAlpha = palest + (1 - palest) * Math.sqrt(count / most);
      context.beginPath();
      for (let corner = 0; corner < 6; corner++) {
        const angle = (Math.PI / 3) * corner + Math.PI / 6;
        context.lineTo(ratio * (x + (radius - 0.5) * Math.cos(angle)), ratio * (y + (radius - 0.5) * Math.sin(angle)));
      }
      context.fill();
    });
  },
  _drawDots(context, ratio) {
    const scale = (this._map.getZoom() < 10.5 ? 0.75 : 1) * (this._x.length > MOST_LARGE ? 0.6 : 1);
    const industries = [...new Set(this._firms.industry)];
    const stamps = new Map(industries.map((industry) => [industry, stamp(industry, scale, ratio)]));
    this._eachInView((px, py, n) => {
      const picture = stamps.get(this._firms.industry[this._firms.dots.row[n]]);
      const [x, y] = [px * ratio - picture.width / 2, py * ratio - picture.height / 2];
      context.drawImage(picture, Math.round(x), Math.round(y));
    });
  },
  _eachInView(visit) {
    const world = 256 * 2 ** this._map.getZoom();
    const { min, max } = this._map.getPixelBounds();
    for (let n = 0; n < this._x.length; n++) {
      const [x, y] = [this._x[n] * world, this._y[n] * world];
      if (x >= min.x && x <= max.x && y >= min.y && y <= max.y) visit(x - min.x, y - min.y, n);
    }
  },
  _hover({ containerPoint }) {
    let nearest = -1;
    let closest = REACH ** 2;
    this._eachInView((px, py, n) => {
      const distance = (px - containerPoint.x) ** 2 + (py - containerPoint.y) ** 2;
      if (distance < closest) [nearest, closest] = [n, distance];
    });
    const { row, lat, lon } = this._firms.dots;
    if (nearest < 0) this._tooltip.remove();
    else this._show(row[nearest], [lat[nearest], lon[nearest]]);
  },
  _show(row, at) {
    this._tooltip.setLatLng(at).setContent(this._tip(row));
    this._map.openTooltip(this._tooltip);
  },
  open(n) {
    this._show(n, [this._firms.lat[n], this._firms.lon[n]]);
  },
});

export function drawFirms(map, firms, tip, inPane) {
  if (firms.dots.row.length <= MOST_MARKERS) return drawMarkers(map, firms, tip, inPane);
  const dots = new Dots(firms, tip).addTo(map);
  return { group: dots, open: (n) => dots.open(n) };
}
