/* The map of the page: outline, trunk roads, places, enterprises, sites with their rank, and what belongs
   to the chosen option: isochrones, desire lines, hours saved. Text reaches the page as text nodes only. */
'use strict';

const SitingMap = (() => {
  const { svg } = SitingDom;
  // Steps in a degree, as layers.py packs them.
  const SCALE = 10000;
  const COARSE = 500;
  // Above, elements are slow to draw and a canvas takes their place.
  const MOST_MARKERS = 500;
  const ROADS = {
    motorway: { casing: '#a8661f', fill: '#f3c27a', width: 5 },
    trunk: { casing: '#a98b3a', fill: '#f7e3a1', width: 4 },
    primary: { casing: '#a09a8d', fill: '#ffffff', width: 3 },
    other: { casing: '#b9b3a7', fill: '#ffffff', width: 2 },
  };
  const BANDS = ['#08519c', '#2171b5', '#4292c6', '#6baed6', '#9ecae1', '#c6dbef'];
  const GAIN = '#0b7a6f';
  const LOSS = '#c25608';
  // Shape and colour both tell an industry, so that neither grey print nor colour blindness hides it.
  const SYMBOLS = [
    ['circle', '#b0413e'], ['square', '#1f5fa8'], ['triangle', '#7a5c00'], ['diamond', '#0b7a6f'],
    ['cross', '#8b3a8f'], ['star', '#c25608'], ['down', '#3c4fa0'], ['hexagon', '#4f6b1f'], ['bar', '#2b2b2b'],
  ];
  const OTHER = ['ring', '#5b6876'];
  const SHAPES = {
    circle: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
    square: 'm-3.6-3.6h7.2v7.2h-7.2z',
    triangle: 'm0-4.8l4.6 8h-9.2z',
    diamond: 'm0-5.2l4.4 5.2l-4.4 5.2l-4.4-5.2z',
    cross: 'm-1.5-4.6h3v3.1h3.1v3h-3.1v3.1h-3v-3.1h-3.1v-3h3.1z',
    star: 'm0-5.4l1.6 3.6l3.9.4l-2.9 2.6l.8 3.8l-3.4-2l-3.4 2l.8-3.8l-2.9-2.6l3.9-.4z',
    down: 'm0 4.8l-4.6-8h9.2z',
    hexagon: 'm-4.6 0l2.3-4h4.6l2.3 4l-2.3 4h-4.6z',
    bar: 'm-5-1.9h10v3.8h-10z',
    ring: 'm-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z',
  };

  /** Steps of whole numbers → lines of [lat, lon] pairs; a missing number stands between two lines. */
  function unpack(text, scale = SCALE) {
    const steps = SitingCore.unpack(text);
    const lines = [[]];
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      if (steps[i] === null) {
        lines.push([]);
        i += 1;
      }
      x += steps[i];
      y += steps[i + 1];
      lines[lines.length - 1].push([y / scale, x / scale]);
    }
    return lines;
  }

  const symbolOf = (industry) => SYMBOLS[industry] || OTHER;
  const polygons = (rings, scale) => rings.map((polygon) => polygon.map((ring) => unpack(ring, scale)[0]));

  function symbol(industry) {
    const [shape, colour] = symbolOf(industry);
    const path = svg('path', { d: 'M0 0' + SHAPES[shape], fill: colour });
    return svg('svg', { viewBox: '-6 -6 12 12', width: 14, height: 14, 'aria-hidden': 'true' }, path);
  }

  /** One enterprise: a circle marker of Leaflet that draws another shape. */
  const FirmMarker = L.CircleMarker.extend({
    _updatePath() {
      const { x, y } = this._point;
      const size = this._map.getZoom() < 10.5 ? 0.75 : 1;
      this._renderer._setPath(this, 'M0 0' + SHAPES[symbolOf(this.options.industry)[0]]);
      this._path.setAttribute('transform', `translate(${x} ${y}) scale(${size})`);
    },
  });

  function northArrow() {
    const control = L.control({ position: 'topright' });
    control.onAdd = () => {
      const node = document.createElement('div');
      node.className = 'north';
      node.append(
        svg('svg', { viewBox: '0 0 30 46', width: 30, height: 46, role: 'img' },
          svg('text', { x: 15, y: 13, 'text-anchor': 'middle' }), svg('path', { d: 'M15 16l9 28l-9-6z', fill: '#1b2733' }),
          svg('path', { d: 'M15 16l-9 28l9-6z', fill: '#fff', stroke: '#1b2733' })));
      return node;
    };
    return control;
  }

  function createMap(holder) {
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
    ['context', 'outline', 'isochrones', 'roads', 'flows', 'saved', 'firms'].forEach((name, n) => {
      map.createPane(name).style.zIndex = 300 + n;
    });
    return map;
  }

  const inPane = (pane, options) => ({ pane, renderer: renderers[pane], interactive: false, ...options });
  const renderers = {};

  function drawGround(map, layers, firms) {
    const many = firms.rows.length > MOST_MARKERS;
    Object.keys(map.getPanes()).forEach((pane) => {
      const renderer = many && ['flows', 'saved'].includes(pane) ? L.canvas : L.svg;
      renderers[pane] = renderer({ pane, padding: 0.3 });
    });
    const district = { color: '#cfc8ba', weight: 1, fillColor: '#efece4', fillOpacity: 1 };
    layers.context.forEach((d) => L.polygon(polygons(d.rings, COARSE), inPane('context', district)).addTo(map));
    const county = { color: '#5d554a', weight: 1.8, dashArray: '9 3 2 3', fillColor: '#fdfcf8', fillOpacity: 1 };
    return L.polygon(polygons(layers.outline), inPane('outline', county)).addTo(map);
  }

  function drawRoads(map, { scale, groups: roads }) {
    const group = L.layerGroup().addTo(map);
    const draw = (road, color, weight, dashArray) =>
      L.polyline(unpack(road.lines, scale), inPane('roads', { color, weight, dashArray, opacity: 1 })).addTo(group);
    roads.forEach((road) => draw(road, ROADS[road.class].casing, ROADS[road.class].width));
    // A stretch whose course is only believed shows as broken filling.
    roads.forEach((road) =>
      draw(road, ROADS[road.class].fill, ROADS[road.class].width - 1.6, road.believed ? '6 5' : null));
    return group;
  }

  function label(map, group, at, className) {
    const node = document.createElement('span');
    node.className = className;
    const icon = L.divIcon({ html: node, className: 'place', iconSize: [0, 0] });
    L.marker(unpack(at)[0][0], { icon, interactive: false, keyboard: false }).addTo(group);
    return node;
  }

  const PRIORITY = ['seat', 'water', 'subdistrict', 'town', 'township', 'zone', 'city', 'outside'];

  function drawPlaces(map, layers) {
    const group = L.layerGroup().addTo(map);
    const names = [...layers.places]
      .sort(([, a], [, b]) => PRIORITY.indexOf(a) - PRIORITY.indexOf(b))
      .map(([name, kind, at, uncertain]) => ({ name, node: label(map, group, at, kind + (uncertain ? ' uncertain' : '')) }));
    layers.context.forEach((d) => names.push({ name: d.name, node: label(map, group, d.at, 'district') }));
    layers.roads.names.forEach((r) => {
      names.push({ name: [r.ref, r.ref], node: label(map, group, r.at, 'road') });
    });
    return { group, names };
  }

  /** Hide labels that would lie on a more important one. */
  function declutter(names) {
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

  function pin(letter, colour) {
    const rank = svg('text', { x: 13, y: -32, class: 'pin-rank' });
    const name = svg('text', { x: 0, y: -17, class: 'pin-letter' }, letter);
    const shape = svg('path', { d: 'M0 3C-5-7-14-12-14-22A14 14 0 0 1 14-22C14-12 5-7 0 3Z', fill: colour });
    const picture = svg('svg', { viewBox: '-18 -46 42 50', width: 42, height: 50, 'aria-hidden': 'true' },
      shape, svg('circle', { cx: 0, cy: -22, r: 9.5, fill: '#fff' }), name,
      svg('circle', { cx: 13, cy: -36, r: 8.5, class: 'pin-badge' }), rank);
    return { picture, rank };
  }

  function drawSites(map, model, { colourOf, choose, siteTip }) {
    return model.options.map((option, j) => {
      if (!option.at) return null;
      const { picture, rank } = pin(option.letter, colourOf(j));
      // Options at one place stand side by side, so that each can be read and chosen.
      const before = model.options.slice(0, j).filter((o) => o.at && o.at.join() === option.at.join()).length;
      const icon = L.divIcon({ html: picture, className: 'pin', iconSize: [42, 50], iconAnchor: [18 - 24 * before, 46] });
      const marker = L.marker([option.at[1], option.at[0]], { icon, riseOnHover: true }).addTo(map);
      marker.bindTooltip(() => siteTip(j), { className: 'tip', direction: 'top', offset: [24 * before, -40] });
      marker.on('click', () => choose(j));
      marker.on('keydown', (event) => {
        if (['Enter', ' '].includes(event.originalEvent.key)) choose(j);
      });
      return { marker, rank };
    });
  }

  function drawMarkers(map, firms, tip) {
    const group = L.layerGroup().addTo(map);
    const markers = firms.lon.map((x, n) => {
      const style = { fillColor: symbolOf(firms.industry[n])[1], fillOpacity: 0.9, color: '#fff', weight: 0.8 };
      const own = { radius: 6, industry: firms.industry[n], interactive: true };
      const marker = new FirmMarker([firms.lat[n], x], inPane('firms', { ...style, ...own })).addTo(group);
      return marker.bindTooltip(() => tip(n), { className: 'tip' });
    });
    return { group, open: (n) => markers[n].openTooltip() };
  }

  /** Picture of an industry's symbol, drawn once and stamped for every dot. */
  function stamp(industry, size, ratio) {
    const [shape, colour] = symbolOf(industry);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = Math.ceil(12 * size * ratio);
    const context = canvas.getContext('2d');
    context.setTransform(size * ratio, 0, 0, size * ratio, canvas.width / 2, canvas.height / 2);
    context.fillStyle = colour;
    context.fill(new Path2D('M0 0' + SHAPES[shape]));
    return canvas;
  }

  /** Thousands of enterprises on one canvas: positions on the world's square, stamped where in view. */
  const Dots = L.Layer.extend({
    initialize(firms, tip) {
      this._firms = firms;
      this._tip = tip;
      const { lon, lat } = firms.dots;
      this._x = Float64Array.from(lon, (x) => x / 360 + 0.5);
      this._y = Float64Array.from(lat, (y) => 0.5 - Math.atanh(Math.sin((y * Math.PI) / 180)) / (2 * Math.PI));
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
      return { moveend: this._draw, zoomend: this._draw, resize: this._draw, mousemove: this._hover, click: this._hover };
    },
    _draw() {
      const map = this._map;
      const size = map.getSize();
      const ratio = window.devicePixelRatio || 1;
      const canvas = this._canvas;
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      [canvas.width, canvas.height] = [size.x * ratio, size.y * ratio];
      [canvas.style.width, canvas.style.height] = [size.x + 'px', size.y + 'px'];
      const scale = (map.getZoom() < 10.5 ? 0.75 : 1) * (this._x.length > 5000 ? 0.6 : 1);
      const industries = [...new Set(this._firms.industry)];
      const stamps = new Map(industries.map((industry) => [industry, stamp(industry, scale, ratio)]));
      const context = canvas.getContext('2d');
      this._eachInView((px, py, n) => {
        const picture = stamps.get(this._firms.industry[this._firms.dots.row[n]]);
        context.drawImage(picture, Math.round(px * ratio - picture.width / 2), Math.round(py * ratio - picture.height / 2));
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
      // 6 pixels, squared.
      let closest = 36;
      this._eachInView((px, py, n) => {
        const distance = (px - containerPoint.x) ** 2 + (py - containerPoint.y) ** 2;
        if (distance < closest) [nearest, closest] = [n, distance];
      });
      if (nearest < 0) this._tooltip.remove();
      else this._show(this._firms.dots.row[nearest], [this._firms.dots.lat[nearest], this._firms.dots.lon[nearest]]);
    },
    _show(row, at) {
      this._tooltip.setLatLng(at).setContent(this._tip(row));
      this._map.openTooltip(this._tooltip);
    },
    open(n) {
      this._show(n, [this._firms.lat[n], this._firms.lon[n]]);
    },
  });

  function drawFirms(map, firms, tip) {
    if (firms.dots.row.length <= MOST_MARKERS) return drawMarkers(map, firms, tip);
    const dots = new Dots(firms, tip).addTo(map);
    return { group: dots, open: (n) => dots.open(n) };
  }

  /** Build the map once; `show` draws what depends on weights, option and cutoff. */
  function create(holder, model, firms, { tip, placeOf, ...ofSites }) {
    const map = createMap(holder);
    const county = drawGround(map, model.layers, firms);
    const roads = drawRoads(map, model.layers.roads);
    const places = drawPlaces(map, model.layers);
    const marks = drawFirms(map, firms, tip);
    const sites = drawSites(map, model, ofSites);
    const groups = {
      isochrones: L.layerGroup().addTo(map), flows: L.layerGroup().addTo(map), saved: L.layerGroup(),
      firms: marks.group, roads, places: places.group,
    };
    const fit = () => map.fitBounds(county.getBounds(), { padding: [4, 4], animate: false });
    fit();
    map.on('zoomend', () => declutter(places.names));
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(holder);
    return { map, groups, places, firms, marks, sites, fit, model, placeOf };
  }

  function drawIsochrones(view, option, cutoff) {
    view.groups.isochrones.clearLayers();
    const bands = view.model.layers.isochrones[view.placeOf(view.model.options[option].id)] || [];
    bands.forEach((band, n) => {
      const colour = BANDS[Math.min(bands.length - 1 - n, BANDS.length - 1)];
      const style = {
        color: '#2171b5', weight: 1.2, stroke: band.minutes === cutoff, fillColor: colour, fillOpacity: 0.25,
      };
      L.polygon(polygons(band.rings, COARSE), inPane('isochrones', style)).addTo(view.groups.isochrones);
    });
  }

  function drawFlows(view, option, cutoff, colour) {
    const { firms, groups, model } = view;
    groups.flows.clearLayers();
    const site = model.options[option];
    const minutes = firms.minutes[view.placeOf(site.id)];
    if (!site.at || !minutes) return;
    const home = [site.at[1], site.at[0]];
    const within = [];
    const beyond = [];
    minutes.forEach((m, n) => {
      if (m !== null) (m <= cutoff ? within : beyond).push([[firms.lat[n], firms.lon[n]], home]);
    });
    const draw = (lines, style) => L.polyline(lines, inPane('flows', style)).addTo(groups.flows);
    draw(beyond, { color: '#6f7780', weight: 0.6, opacity: 0.3, dashArray: '3 5' });
    draw(within, { color: colour, weight: 0.7, opacity: 0.35 });
  }

  function drawSaved(view, option) {
    const { firms, groups, model } = view;
    groups.saved.clearLayers();
    const saved = firms.saved[model.options[option].id];
    if (!saved) return;
    const largest = saved.reduce((most, s) => Math.max(most, Math.abs(s || 0)), 1);
    saved.forEach((s, n) => {
      if (!s) return;
      const style = { radius: 2 + 14 * Math.sqrt(Math.abs(s) / largest), fillColor: s > 0 ? GAIN : LOSS };
      const fixed = { color: style.fillColor, weight: 0.8, fillOpacity: 0.3 };
      L.circleMarker([firms.lat[n], firms.lon[n]], inPane('saved', { ...style, ...fixed })).addTo(groups.saved);
    });
  }

  /** Ranks and names on the pins. */
  function showRanks(view, result, chosen, describe) {
    view.sites.forEach((site, j) => {
      if (!site) return;
      site.rank.textContent = result.failed[j] ? '×' : result.rank[j];
      const node = site.marker.getElement();
      node.classList.toggle('chosen', j === chosen);
      node.setAttribute('aria-label', describe(j));
      node.setAttribute('aria-pressed', j === chosen);
      site.marker.setZIndexOffset(j === chosen ? 2000 : 1000 - 10 * result.rank[j]);
    });
  }

  function showOption(view, option, cutoff, colour) {
    drawIsochrones(view, option, cutoff);
    drawFlows(view, option, cutoff, colour);
    drawSaved(view, option);
  }

  function speak(view, own) {
    view.places.names.forEach(({ name, node }) => (node.textContent = own(name)));
    declutter(view.places.names);
  }

  return { create, showRanks, showOption, speak, symbol, ROADS, BANDS, GAIN, LOSS };
})();
