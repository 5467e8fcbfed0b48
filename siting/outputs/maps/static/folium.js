/* What folium's scripts need of a page without jQuery, Bootstrap and fonts, and text that stays text. */
'use strict';
window.siting = (() => {
  const DEAD = /^(script|meta|base|link|object|embed|form|template|portal|fencedframe)$/;
  const ADDRESSES = /^(src|srcset|href|xlink:href|action|formaction|data|poster|background|srcdoc|ping)$/;
  const FREE = { href: /^\s*(https?:|mailto:|tel:|#)/i, src: /^\s*data:(image\/|text\/html)/i };

  const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
  const HANDLER = /([\s"'/])on(?=\w+\s*=)/gi;

  /* An attribute that runs a script or asks for something outside the page. */
  const isLive = (name, value) => /^on/.test(name)
    || (ADDRESSES.test(name) && !(FREE[name] && FREE[name].test(value)))
    || (name === 'style' && /url\s*\(|image-set|@import/i.test(value));

  const cleaned = (html) => {
    // Chromium reports every handler that it meets, even in a document that runs none: they lose their name first.
    const quiet = html.replace(TAG, (tag) => tag.replace(HANDLER, '$1data-on'));
    const { body } = new DOMParser().parseFromString(`<body>${quiet}`, 'text/html');
    for (const element of body.querySelectorAll('*')) {
      if (DEAD.test(element.localName) || (element.localName === 'style' 
        && /url\s*\(|@import/i.test(element.textContent))) {
        element.remove();
        continue;
      }
      for (const { name, value } of [...element.attributes]) {
        if (isLive(name.toLowerCase(), value)) element.removeAttribute(name);
      }
    }
    const found = document.createDocumentFragment();
    found.append(...body.childNodes);
    return found;
  };

  /* HTML of a planner's popup or tooltip; what would run is taken out. */
  const content = (html, style) => {
    const box = document.createElement('div');
    box.style.cssText = /url\s*\(/i.test(style) ? '' : style;
    box.append(cleaned(html));
    return box;
  };

  const written = (value, localize) => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'object') return JSON.stringify(value);
    return localize ? value.toLocaleString() : String(value);
  };

  /* Properties of a feature as a table; values are text. */
  const table = (properties, fields, aliases, labels, localize, style) => {
    const box = document.createElement('div');
    const rows = document.createElement('table');
    box.append(rows);
    box.className = style;
    fields.forEach((field, n) => {
      const row = rows.insertRow();
      if (labels) {
        const head = document.createElement('th');
        head.textContent = written(aliases[n], localize);
        row.append(head);
      }
      row.insertCell().textContent = written(properties[field], localize);
    });
    return box;
  };

  const place = (texts) => texts.forEach((html) => document.body.append(cleaned(html)));

  return { content, table, place };
})();

/* What folium and its plugins ask of jQuery: $(`<div>…</div>`)[0], $(f), $(document).ready(f). */
window.$ = window.jQuery = (what) => {
  if (typeof what === 'string') return [siting.content(what, '').firstElementChild];
  if (typeof what === 'function') return undefined;
  return { ready: (run) => run() };
};

(() => {
  const COLOURS = { lightred: '#ff8e7f', darkpurple: '#5b396b', beige: '#ffcb92' };
  const svg = (fill) => '<svg xmlns="http://www.w3.org/2000/svg" width="26" height="38" viewBox="0 0 26 38">'
    + `<path d="M13 37C9 25 1 21 1 13a12 12 0 0 1 24 0c0 8-8 12-12 24z" fill="${fill}" stroke="#fff" `
    + 'stroke-width="1.5"/><circle cx="13" cy="13" r="5" fill="#fff"/></svg>';
  /* folium.Icon: a pin in the colour asked for. */
  const pin = (options) => {
    const asked = options.markerColor || '';
    const fill = COLOURS[asked] || (/^[a-z]+$/i.test(asked) ? asked : 'steelblue');
    return {
      iconUrl: `data:image/svg+xml,${encodeURIComponent(svg(fill))}`,
      iconSize: [26, 38],
      iconAnchor: [13, 37],
      popupAnchor: [0, -32],
      tooltipAnchor: [12, -24],
    };
  };
  L.AwesomeMarkers = { icon: (options) => L.icon(pin(options)) };
  L.AwesomeMarkers.Icon = L.Icon.extend({ initialize(options) { L.setOptions(this, pin(options)); } });

  L.Control.Attribution.mergeOptions({ prefix: '<a href="https://leafletjs.com">Leaflet</a>' });

  const { createIcon } = L.DivIcon.prototype;
  L.DivIcon.include({
    createIcon(old) {
      const { html } = this.options;
      if (typeof html !== 'string') return createIcon.call(this, old);
      this.options.html = siting.content(html, '');
      const made = createIcon.call(this, old);
      this.options.html = html;
      return made;
    },
  });

  /* Names of layers are text. */
  const { _addItem } = L.Control.Layers.prototype;
  L.Control.Layers.include({
    _addItem(item) {
      const { name } = item;
      item.name = '';
      const label = _addItem.call(this, item);
      item.name = name;
      label.querySelector('span').lastElementChild.textContent = ` ${name}`;
      return label;
    },
  });
})();
