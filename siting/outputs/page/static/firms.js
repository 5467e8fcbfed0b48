/* Enterprises of the page: unpacked, named, searched, and listed by who gains and who loses. Up to 5,000 each
   is a row of its own; above, a row is a group (township, industry, size) and each enterprise only a dot. */
'use strict';

const SitingFirms = (() => {
  const { el, bdi, table } = SitingDom;
  const { unpack, grouped } = SitingCore;
  const ROWS = 20; // rows of the table at a time
  const BASIS = ['sourced', 'curated', 'assumed', 'unstated', 'illustrative'];
  const SIZES = ['micro', 'small', 'medium', 'large'];
  const STEPS = 10000; // steps in a degree, as firms.py packs rows
  const DOT_STEPS = 2500;

  /** Numbers from the steps between them; a missing one makes no step. */
  function walked(text, scale) {
    let total = 0;
    return unpack(text).map((step) => (step === null ? null : (total += step) / scale));
  }

  /** Numbers for texts, names for stems and tails, and a dot for every enterprise. */
  function unpackAll(packed) {
    const firms = { ...packed, lon: walked(packed.lon, STEPS), lat: walked(packed.lat, STEPS) };
    ['industry', 'size', 'basis', 'tests'].forEach((key) => (firms[key] = unpack(packed[key])));
    firms.town = walked(packed.town, 1);
    const all = (texts, read) => Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, read(text)]));
    firms.saved = all(packed.saved, unpack);
    firms.minutes = all(packed.minutes, (text) => walked(text, 1));
    firms.rows = firms.lon.map((_, n) => n);
    if (packed.named) {
      const tails = packed.tail.split(',');
      firms.names = unpack(packed.stem).map((stem, n) => packed.stems[stem] + tails[n]);
      firms.dots = { lon: firms.lon, lat: firms.lat, row: firms.rows };
    } else {
      firms.count = unpack(packed.firms);
      const row = firms.count.flatMap((count, n) => Array(count).fill(n));
      firms.dots = { lon: walked(packed.dots.lon, DOT_STEPS), lat: walked(packed.dots.lat, DOT_STEPS), row };
    }
    return firms;
  }

  function create({ model, firms, say, own, join, nameOf, number, placeOf }) {
    const option = (j) => model.options[j];
    const townOf = (n) => (firms.town[n] < 0 ? '' : own(firms.towns[firms.town[n]]));
    const industryOf = (n) => (firms.industry[n] < 0 ? '' : own(model.industries[firms.industry[n]]));
    const sizeOf = (n) => (firms.size[n] < 0 ? '' : say('size.' + SIZES[firms.size[n]]));
    const groupOf = (n) => [townOf(n), industryOf(n), sizeOf(n)].filter(Boolean);
    const label = (n) => (firms.named ? firms.names[n] : join(groupOf(n), 'joiner.group'));
    const hours = (n) => grouped(n, 0);
    const savedBy = (j, n) => (firms.saved[option(j).id] || [])[n] || 0;
    const today = model.options.findIndex((o) => o.kind === 'city');
    const favouriteOf = (n) => model.options.reduce((best, _, j) => (savedBy(j, n) > savedBy(best, n) ? j : best), today);
    const view = {};

    function minutesTo(j, n) {
      const minutes = firms.minutes[placeOf(option(j).id)];
      return minutes ? number(minutes[n] === null ? 'inf' : minutes[n], 'minutes') : null;
    }

    function tip(j, n) {
      const saved = savedBy(j, n);
      const minutes = minutesTo(j, n);
      const lines = [
        firms.named ? join(groupOf(n), 'joiner.group') : say('firm.count', { n: grouped(firms.count[n], 0) }),
        say('firm.tests', { tests: grouped(firms.tests[n] || 0, 0) }),
        minutes && say('firm.minutes', { site: nameOf(j), minutes }),
        say(saved < 0 ? 'firm.lost' : 'firm.saved', { hours: say('unit.hours', { n: hours(Math.abs(saved)) }) }),
      ];
      return el('div', {}, el('b', {}, bdi(label(n))), ...lines.filter(Boolean).map((text) => el('div', {}, bdi(text))));
    }

    /** Rows whose name, township, industry or size holds every word of a text. */
    function find(text) {
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      if (!wanted.length) return [...firms.rows];
      const whole = text.trim().toLowerCase();
      return firms.rows.filter((n) => {
        const fields = [label(n), ...groupOf(n)].map((field) => field.toLowerCase());
        return fields.some((field) => field.includes(whole)) || wanted.every((w) => fields.some((field) => field.includes(w)));
      });
    }

    /** What the search box proposes: names, or townships and industries. */
    function proposals() {
      if (firms.named) return firms.names;
      return [...firms.towns, ...model.industries].map(own);
    }

    function build() {
      view.summary = el('p', { role: 'status' });
      view.search = el('input', { type: 'search', id: 'gains-search', oninput: () => show(view.site) });
      view.order = el('select', { id: 'gains-order', onchange: () => show(view.site) },
        el('option', { value: 'most' }), el('option', { value: 'least' }));
      view.labels = [el('label', { for: 'gains-search' }), el('label', { for: 'gains-order' })];
      view.table = el('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-labelledby': 'h-gains' });
      view.shown = el('p', { class: 'note', role: 'status' });
      document.getElementById('gains').append(view.summary,
        el('div', { class: 'choices' }, view.labels[0], view.search, view.labels[1], view.order), view.table, view.shown);
    }

    function summary(j) {
      const [better, worse, same, total] = firms.summary[option(j).id] || [0, 0, firms.all, 0];
      const sentences = [
        say('gains.summary', { name: nameOf(j), better, worse, same, total: say('unit.hours', { n: hours(total) }) }),
        model.expansion === 1 ? '' : say('gains.expansion', { n: model.expansion }),
        firms.named ? '' : say('gains.grouped', { n: grouped(firms.all, 0) }),
      ];
      return sentences.filter(Boolean).map((text) => el('span', { text }));
    }

    const COLUMNS = {
      firm: (n) => bdi(label(n)),
      town: townOf,
      industry: industryOf,
      size: sizeOf,
      firms: (n) => grouped(firms.count[n], 0),
      drive: (n) => minutesTo(view.site, n) || say('number.missing'),
      saved: (n) => hours(savedBy(view.site, n)),
      favourite: (n) => nameOf(favouriteOf(n)),
      basis: (n) => say('basis.' + BASIS[firms.basis[n]]),
    };

    function show(j) {
      view.site = j;
      view.summary.replaceChildren(...summary(j));
      const sign = view.order.value === 'least' ? 1 : -1;
      const matching = find(view.search.value).sort((a, b) => sign * (savedBy(j, a) - savedBy(j, b)) || a - b);
      const who = firms.named ? ['firm', 'industry', 'town'] : ['town', 'industry', 'size', 'firms'];
      const columns = [...who, 'drive', 'saved', 'favourite', 'basis'];
      const rows = matching.slice(0, ROWS).map((n) => columns.map((key) => COLUMNS[key](n)));
      view.table.replaceChildren(table(columns.map((key) => say(key)), rows, 'plain gains'));
      const counts = { found: matching.length, shown: rows.length };
      view.shown.textContent = say(firms.named ? 'gains.shown' : 'gains.shown.groups', counts);
    }

    function speak() {
      view.labels[0].textContent = say(firms.named ? 'gains.search' : 'gains.search.groups');
      view.labels[1].textContent = say('gains.order');
      [...view.order.options].forEach((o) => (o.textContent = say('gains.' + o.value)));
    }

    build();
    return { tip, find, label, proposals, show, speak };
  }

  return { unpackAll, create };
})();
