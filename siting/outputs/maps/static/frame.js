/* What stands around a map of a study: title, banner, language, layers by group, legend, north, note. */
'use strict';
{
  const { make, words, drawForm } = window.siting;
  const TITLES = {
    '.leaflet-control-zoom-in': ['放大', 'Zoom in'],
    '.leaflet-control-zoom-out': ['缩小', 'Zoom out'],
    '.leaflet-control-layers-toggle': ['图层', 'Layers'],
  };
  const NARROW = 640;

  const speak = (lang, frame) => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    const at = lang === 'zh' ? 0 : 1;
    document.title = frame.title[at];
    Object.entries(TITLES).forEach(([selector, pair]) => document.querySelectorAll(selector).forEach((element) => {
      element.title = pair[at];
      element.setAttribute('aria-label', pair[at]);
    }));
  };

  const head = (map, frame) => {
    const box = make('header', 'frame-head');
    const title = make('h1', '', box);
    words(frame.title, title);
    if (frame.subtitle) words(frame.subtitle, make('p', 'frame-sub', box));
    if (frame.demo) {
      const demo = make('p', 'frame-demo', box);
      words(frame.demo[0], make('strong', '', demo));
      words(frame.demo[1], make('span', '', demo));
    }
    const button = make('button', 'frame-lang', box);
    button.type = 'button';
    const label = () => {
      const isChinese = document.documentElement.lang === 'zh-CN';
      button.textContent = isChinese ? 'English' : '中文';
      button.lang = isChinese ? 'en' : 'zh-CN';
    };
    button.addEventListener('click', () => {
      speak(document.documentElement.lang === 'zh-CN' ? 'en' : 'zh', frame);
      label();
    });
    label();
    document.body.prepend(box);
    map.invalidateSize();
  };

  /* Leaflet's control with a heading above each group; what a planner adds stands in the last one. */
  const GroupedLayers = L.Control.Layers.extend({
    _addItem(item) {
      const { pair, group } = item.layer.named || { pair: item.name, group: this.options.others };
      const list = item.overlay ? this._overlaysList : this._baseLayersList;
      if (item.overlay && this._group !== group[0]) {
        [this._group] = group;
        words(group, make('div', 'layer-group', list));
      }
      const label = L.Control.Layers.prototype._addItem.call(this, item);
      const name = label.querySelector('span').lastElementChild;
      name.textContent = ' ';
      words(pair, name);
      return label;
    },
    _update() {
      this._group = null;
      return L.Control.Layers.prototype._update.call(this);
    },
  });

  const layerControl = (map, frame) => {
    // From the top of the map down; what a planner added comes after.
    const own = frame.overlays.filter(([, , group]) => group).reverse();
    const added = frame.overlays.filter(([, , group]) => !group);
    const overlays = {};
    [...own, ...added].forEach(([layer, pair, group], n) => {
      layer.named = { pair, group: group || frame.words.others };
      // The control takes names apart by these keys; two layers of one name are two layers.
      overlays[`layer ${n}`] = layer;
    });
    const bases = {};
    frame.bases.forEach(([layer, pair], n) => {
      layer.named = { pair, group: frame.words.others };
      bases[`base ${n}`] = layer;
    });
    const isNarrow = window.innerWidth < NARROW;
    const options = { ...frame.options, collapsed: isNarrow, sortLayers: false, others: frame.words.others };
    return new GroupedLayers(bases, overlays, options).addTo(map);
  };

  const swatch = ({ mark, colour, form }, parent) => {
    const box = make('i', `swatch ${mark}`, parent);
    if (form) box.append(drawForm(form, colour));
    if (colour) box.style.setProperty('--colour', colour);
  };

  /* Keys of the layers that are on. */
  const legend = (map, frame) => {
    const control = L.control({ position: 'bottomleft' });
    const drawn = [...frame.legend].reverse();
    control.onAdd = () => {
      const box = make('details', 'legend');
      box.open = window.innerWidth >= NARROW;
      words(frame.words.legend, make('summary', '', box));
      const body = make('div', 'legend-body', box);
      const draw = () => {
        body.textContent = '';
        drawn.filter(({ layer }) => map.hasLayer(layer)).forEach(({ title, keys }) => {
          if (title[0] !== keys[0].text[0]) words(title, make('b', '', body));
          keys.forEach((key) => {
            const row = make('div', 'key', body);
            swatch(key, row);
            words(key.text, make('span', '', row));
          });
        });
      };
      draw();
      map.on('layeradd layerremove', (event) => {
        if (drawn.some(({ layer }) => layer === event.layer)) draw();
      });
      window.addEventListener('beforeprint', () => { box.open = true; });
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
  };

  const north = (map, frame) => {
    const control = L.control({ position: 'topleft' });
    control.onAdd = () => {
      const box = make('div', 'north');
      words(frame.words.north, make('span', '', box));
      return box;
    };
    control.addTo(map);
  };

  const note = (map, frame) => {
    const box = make('div');
    words(frame.note, box);
    // Leaflet takes HTML here: what `words` has made of texts.
    map.attributionControl.addAttribution(box.innerHTML);
  };

  const printing = (map, frame) => {
    let before = null;
    window.addEventListener('beforeprint', () => {
      before = [map.getCenter(), map.getZoom()];
      map.invalidateSize({ animate: false, pan: false });
      const legendBox = map.getContainer().querySelector('.legend');
      const beside = legendBox ? legendBox.offsetWidth + 20 : 0;
      map.fitBounds(frame.bounds, { animate: false, paddingTopLeft: [beside, 0] });
    });
    window.addEventListener('afterprint', () => {
      map.invalidateSize({ animate: false });
      if (before) map.setView(before[0], before[1], { animate: false });
    });
  };

  window.siting.frame = (map, frame) => {
    head(map, frame);
    layerControl(map, frame);
    north(map, frame);
    L.control.scale({ imperial: false }).addTo(map);
    legend(map, frame);
    note(map, frame);
    speak(frame.lang, frame);
    map.fitBounds(frame.bounds);
    printing(map, frame);
  };
}
