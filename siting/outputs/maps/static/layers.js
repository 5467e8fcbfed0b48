/* Layers of a study on a folium map: every text is set as text, in both languages at once (map.css shows one). */
'use strict';
{
  const make = (tag, className, parent) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (parent) parent.append(element);
    return element;
  };

  /* A text, or the pair [Chinese, English] of which the page's language shows one. */
  const words = (text, parent) => {
    const [zh, en] = typeof text === 'string' ? [text, text] : text;
    if (zh === en) {
      parent.append(zh);
      return;
    }
    make('span', 'zh', parent).textContent = zh;
    make('span', 'en', parent).textContent = en;
  };

  const lines = (texts) => {
    const box = make('div', 'lines');
    texts.forEach((text) => words(text, make('div', '', box)));
    return box;
  };

  const table = ({ title, rows }) => {
    const box = make('div', 'facts');
    words(title, make('b', '', box));
    const body = make('table', '', box);
    rows.forEach(([label, value]) => {
      const row = body.insertRow();
      words(label, row.appendChild(document.createElement('th')));
      words(value, row.insertCell());
    });
    return box;
  };

  /* Areas and lines: features of GeoJSON with a style and lines of text each. */
  const shapes = ({ features, interactive }) => L.geoJSON(
    { type: 'FeatureCollection', features },
    {
      interactive,
      style: (feature) => feature.properties.style,
      onEachFeature: (feature, layer) => {
        if (feature.properties.text) layer.bindTooltip(() => lines(feature.properties.text), { sticky: true });
      },
    },
  );

  /* Many points in columns; a text is one of a list by its number, so that a township is told once. */
  const dots = ({ at, radius, colour, colours, columns }) => {
    const group = L.featureGroup();
    const text = (n) => columns.map(({ label, values, of }) => {
      const value = of ? of[values[n]] : values[n];
      if (!label) return value;
      const [zh, en] = typeof value === 'string' ? [value, value] : value;
      return [`${label[0]}：${zh}`, `${label[1]}: ${en}`];
    });
    for (let n = 0; n < at.length / 2; n += 1) {
      const dot = L.circleMarker([at[2 * n + 1], at[2 * n]], {
        radius: Array.isArray(radius) ? radius[n] : radius,
        weight: 1,
        color: '#fff',
        fillColor: colours[colour[n]],
        fillOpacity: Array.isArray(radius) ? 0.45 : 0.9,
      });
      dot.bindTooltip(() => lines(text(n)));
      group.addLayer(dot);
    }
    return group;
  };

  const pinIcon = ({ letter, label, best, left }) => {
    const box = make('div', `site${best ? ' best' : ''}${left ? ' left' : ''}`);
    make('b', '', box).textContent = letter;
    words(label, make('span', '', box));
    return L.divIcon({ html: box, className: 'site-box', iconSize: null, iconAnchor: [12, 12] });
  };

  /* Sites stand above all other layers, and above the planner's own pins. */
  const sites = ({ items }) => {
    const group = L.featureGroup();
    items.forEach((item) => {
      const pin = L.marker(item.at, { icon: pinIcon(item), pane: 'sites', keyboard: true, riseOnHover: true });
      pin.bindPopup(() => table(item), { maxWidth: 360 });
      pin.bindTooltip(() => lines(item.text), { offset: [14, 0] });
      // Focus and the map's own shift open the tooltip again under the popup.
      pin.on('popupopen tooltipopen', () => { if (pin.isPopupOpen()) pin.closeTooltip(); });
      group.addLayer(pin);
    });
    return group;
  };

  /* A form such as a cross or a triangle: told apart where colours are not. */
  const drawForm = (form, colour) => {
    const box = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    box.setAttribute('viewBox', '-10 -10 20 20');
    [['#fff', 5], [colour, 2.6]].forEach(([stroke, width]) => {
      const path = box.appendChild(document.createElementNS(box.namespaceURI, 'path'));
      const look = { d: `M0 0${form}`, fill: 'none', stroke, 'stroke-width': width };
      Object.entries(look).forEach(([name, value]) => path.setAttribute(name, value));
    });
    return box;
  };

  /* Points brought out by a form, with a line from where each came, if it came from anywhere. */
  const marks = ({ form, colour, items }) => {
    const group = L.featureGroup();
    items.forEach(({ at, from, text }) => {
      if (from) group.addLayer(L.polyline([from, at], { color: colour, weight: 1.5, dashArray: '5 4' }));
      const icon = L.divIcon({ html: drawForm(form, colour), className: 'form', iconSize: [20, 20] });
      const mark = L.marker(at, { icon, keyboard: false });
      group.addLayer(mark.bindTooltip(() => lines(text)));
    });
    return group;
  };

  const names = ({ items }) => {
    const group = L.featureGroup();
    items.forEach(({ at, text, kind }) => {
      const box = make('div', `place ${kind}`);
      words(text, box);
      const icon = L.divIcon({ html: box, className: 'place-box', iconSize: null });
      group.addLayer(L.marker(at, { icon, pane: 'names', interactive: false, keyboard: false }));
    });
    return group;
  };

  const KINDS = { shapes, dots, marks, sites, names };
  Object.assign(window.siting, { layer: (spec) => KINDS[spec.kind](spec), words, make, drawForm });
}
