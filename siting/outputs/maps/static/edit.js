/* Candidate sites and red lines put onto a map of a study, and handed over as files that the study reads. */
'use strict';
{
  const { make, words } = window.siting;
  const DECIMALS = 5;
  const RED = '#9b1c1c';

  const isChinese = () => document.documentElement.lang === 'zh-CN';
  const spoken = ([zh, en]) => (isChinese() ? zh : en);
  const rounded = (degrees) => Number(degrees.toFixed(DECIMALS));
  const position = ({ lng, lat }) => [rounded(lng), rounded(lat)];
  const figure = (text) => (text.trim() === '' ? null : Number(text));

  const button = (text, parent, act) => {
    const made = make('button', '', parent);
    made.type = 'button';
    words(text, made);
    made.addEventListener('click', act);
    return made;
  };

  const field = (label, value, parent, attributes = {}) => {
    const box = make('label', '', parent);
    words(label, make('span', '', box));
    const input = make('input', '', box);
    Object.entries({ type: 'text', value, ...attributes }).forEach(([name, set]) => input.setAttribute(name, set));
    return input;
  };

  const choice = (label, pairs, parent) => {
    const box = make('label', '', parent);
    words(label, make('span', '', box));
    const select = make('select', '', box);
    pairs.forEach(([value, pair]) => {
      const option = make('option', '', select);
      option.value = value;
      // An option holds plain text: of a pair only the language in which it is made.
      option.textContent = spoken(pair);
    });
    return select;
  };

  const handOver = (features, file) => {
    const text = JSON.stringify({ type: 'FeatureCollection', features }, null, 1);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/geo+json' }));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const NUMBER = { type: 'number', min: 0, step: 'any' };

  /* A site: a pin that can be dragged, and a row with its name, place, area and price. */
  const siteRow = (map, latlng, { said, rows, n, kind }) => {
    const row = make('fieldset', '', rows);
    const name = field(said.name, `${spoken(said.site)} ${n}`, row);
    const degrees = { type: 'number', step: 'any' };
    const [lon, lat] = [said.lon, said.lat].map((label, at) => field(label, position(latlng)[at], row, degrees));
    const [area, price] = [said.area, said.price].map((label) => field(label, '', row, NUMBER));
    const pin = L.marker(latlng, { draggable: true, pane: 'sites' }).addTo(map);
    pin.on('drag', () => [lon.value, lat.value] = position(pin.getLatLng()));
    [lon, lat].forEach((input) => input.addEventListener('change', () => {
      if (lon.value && lat.value) pin.setLatLng([Number(lat.value), Number(lon.value)]);
    }));
    name.focus();
    return {
      row,
      layer: pin,
      feature: () => ({
        type: 'Feature',
        properties: {
          name: name.value, kind, land_area_mu: figure(area.value), land_price_wan: figure(price.value),
        },
        geometry: { type: 'Point', coordinates: position(pin.getLatLng()) },
      }),
    };
  };

  /* A red line: a polygon, its name and the condition that it decides. */
  const lineRow = (map, corners, { said, rows, n, conditions }) => {
    const row = make('fieldset', '', rows);
    const name = field(said.name, `${spoken(said.line)} ${n}`, row);
    const condition = choice(said.condition, conditions, row);
    const area = L.polygon(corners, { color: RED, weight: 2, fillOpacity: 0.15, interactive: false }).addTo(map);
    name.focus();
    const ring = corners.map(position);
    return {
      row,
      layer: area,
      feature: () => ({
        type: 'Feature',
        properties: { name: name.value, condition: condition.value },
        geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] },
      }),
    };
  };

  /* What is put where the reader clicks, or presses Enter: corners until there are enough, or one place. */
  const placing = (map, told) => {
    let mode = null;
    let corners = [];
    const drawn = L.polyline([], { color: RED, weight: 2, dashArray: '4 4', interactive: false }).addTo(map);
    const set = (next) => {
      mode = next;
      corners = [];
      drawn.setLatLngs([]);
      map.getContainer().classList.toggle('placing', Boolean(mode));
      map.doubleClickZoom[mode ? 'disable' : 'enable']();
      told(mode);
    };
    const finish = () => {
      const { most, done } = mode;
      const put = corners;
      if (put.length < (most || 3)) return;
      set(null);
      done(put);
    };
    const take = (latlng) => {
      // A double click is two clicks at one place.
      if (!mode || corners.some((corner) => corner.equals(latlng))) return;
      corners.push(latlng);
      drawn.setLatLngs(corners);
      if (mode.most === corners.length) finish();
    };
    map.on('click', ({ latlng }) => take(latlng)).on('dblclick', () => { if (mode) finish(); });
    map.getContainer().addEventListener('keydown', ({ key, target }) => {
      if (!mode || target !== map.getContainer()) return;
      if (key === 'Enter') take(map.getCenter());
      if (key === 'Escape') set(null);
    });
    return { set, finish };
  };

  /* Rows of one kind, the button that hands them over, and what a study is told to read them. */
  const list = (map, { said, save, file, line }, parent, changed) => {
    const rows = make('div', 'editor-rows', parent);
    const items = [];
    let made = 0;
    const saving = button(save, parent, () => handOver(items.map((item) => item.feature()), spoken(file)));
    const told = () => { saving.hidden = !items.length; changed(); };
    saving.hidden = true;
    const add = (build, at, more = {}) => {
      made += 1;
      const item = build(map, at, { said, rows, n: made, ...more });
      items.push(item);
      button(said.remove, item.row, () => {
        items.splice(items.indexOf(item), 1);
        item.layer.remove();
        item.row.remove();
        told();
      });
      told();
    };
    return { add, code: () => (items.length ? [line.replace('{file}', () => JSON.stringify(spoken(file)))] : []) };
  };

  window.siting.edit = (map, { said, conditions, kind, lines }) => {
    const box = make('details', 'editor');
    words(said.title, make('summary', '', box));
    const body = make('div', 'editor-body', box);
    const help = make('p', '', body);
    help.setAttribute('role', 'status');
    const then = make('div', '', body);
    const code = make('code');
    const write = () => {
      const calls = [sites, reds].flatMap((part) => part.code());
      then.hidden = !calls.length;
      code.textContent = calls.length ? `study = study${calls.join('')}` : '';
    };
    const started = placing(map, (mode) => {
      help.textContent = '';
      words(mode ? mode.help : said.start, help);
      done.hidden = !mode || mode.most === 1;
    });
    const bar = make('p', '', body);
    body.prepend(bar);
    const enter = (mode) => () => { started.set(mode); map.getContainer().focus({ preventScroll: true }); };
    button(said.add, bar, enter({ most: 1, help: said.click, done: ([at]) => sites.add(siteRow, at, { kind }) }));
    const draw = (corners) => reds.add(lineRow, corners, { conditions });
    button(said.draw, bar, enter({ help: said.corners, done: draw }));
    const done = button(said.finish, bar, started.finish);
    const sites = list(map, { said, save: said.save_sites, file: said.sites_file, line: lines.sites }, body, write);
    const reds = list(map, { said, save: said.save_lines, file: said.lines_file, line: lines.red }, body, write);
    words(said.then, make('p', '', then));
    then.append(code);
    body.append(then);
    body.addEventListener('click', ({ target }) => {
      if (target.closest('.editor-body > button')) then.scrollIntoView({ block: 'nearest' });
    });
    started.set(null);
    write();
    const control = L.control({ position: 'topleft' });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      box.open = window.innerWidth >= 640;
      return box;
    };
    control.addTo(map);
    // The legend, made after this, leaves its room to the rows.
    setTimeout(() => map.getContainer().querySelectorAll('.legend').forEach((legend) => { legend.open = false; }));
  };
}
