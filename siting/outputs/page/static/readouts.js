/* The parts of the page that tell more than scores: how sure the ranking is, costs and benefits, the options
   in words, pledges, quality of the data, sources. Most do not follow the sliders; `showRanges` does. */
'use strict';

const SitingReadouts = (() => {
  const { el, bdi, svg, table } = SitingDom;
  const byId = (id) => document.getElementById(id);
  // Pairs of criteria that are named; the rest is counted.
  const LISTED = 3;
  const paragraphs = (texts) => texts.filter(Boolean).map((text) => el('p', {}, bdi(text)));

  function create({ model, rows, say, own, join, percent, nameOf, number, chip, conditionsOf, placeOf, roadFacts, result }) {
    const indexOf = (id) => model.options.findIndex((o) => o.id === id);
    const nameById = (id) => (indexOf(id) < 0 ? id : nameOf(indexOf(id)));
    // A label that the table of words does not know is shown as it stands.
    const word = (key, otherwise) => (key in model.words ? say(key) : otherwise);
    const { grouped, points } = SitingCore;
    const scroll = (label, content) => el('div', { class: 'wide', tabindex: 0, role: 'group', 'aria-label': label }, content);
    const fold = (key, content) => el('details', {}, el('summary', { text: say(key) }), scroll(say(key), content));
    const heads = (...keys) => keys.map((key) => say(key));

    // --- How sure ------------------------------------------------------------------------------------

    /** Range of each group's weight that keeps the winner; follows the sliders. */
    function showRanges() {
      const { running, strips, shares } = result();
      if (!running.length) return;
      const items = strips.flatMap((pieces, g) => pieces
        .filter((p) => p.winner === running[0] && p.from <= shares[g] + 1e-9 && p.to >= shares[g] - 1e-9)
        .map((p) => say('robust.range', { group: own(model.groups[g].label), low: percent(p.from), high: percent(p.to) })));
      byId('ranges').textContent = say('robust.keep', { name: nameOf(running[0]), items: join(items) });
    }

    function shareTable(sure) {
      const columns = ['shares', 'joint', 'bootstrap'].filter((key) => sure[key]);
      const order = model.options.map((_, j) => j)
        .filter((j) => sure.shares[j] !== null)
        .sort((a, b) => sure.shares[b] - sure.shares[a] || a - b);
      const labels = { shares: 'robust.share', joint: 'robust.joint', bootstrap: 'robust.bootstrap' };
      const rows = order.map((j) => [
        el('span', {}, chip(j), ' ', bdi(nameOf(j))),
        ...columns.map((key) => shareCell(sure[key][j])),
        distance(sure.distance[j]),
      ]);
      const head = [say('option'), ...columns.map((key) => say(labels[key])), say('robust.distance')];
      return scroll(say('robust'), table(head, rows));
    }

    /** Half the distance of the weights is what changes hands. */
    function distance(d) {
      return d === 'inf' ? say('robust.distance.never') : say('number.share', { n: grouped(50 * d, 1) });
    }

    /** Registers of many seeds under each spread rule. */
    function registerTable(sure) {
      const shown = model.options.map((_, j) => j).filter((j) => sure.registers.some(([, shares]) => shares[j] > 0));
      if (!shown.length) return '';
      const rows = sure.registers.map(([rule, shares]) => [say('spread.' + rule), ...shown.map((j) => shareCell(shares[j]))]);
      const head = [say('robust.registers'), ...shown.map((j) => el('span', {}, chip(j), ' ', bdi(nameOf(j))))];
      return scroll(say('robust.registers'), table(head, rows));
    }

    function shareCell(share) {
      const bar = svg('svg', { class: 'share', 'aria-hidden': 'true' },
        svg('rect', { width: 100 * share + '%', height: 10, fill: '#1f4e79' }));
      return el('span', { class: 'share-cell' }, bar, say('number.share', { n: grouped(100 * share, 1) }));
    }

    /** Word for one version of a kind of test; roads and the like carry their own names. */
    function versionName(family, detail) {
      if (family === 'peak') return say('peak', { n: detail });
      return word({ account: 'account.', phase: 'phase.' }[family] + detail, detail);
    }

    /** Versions by the option that comes first under them; of many only those that change the winner. */
    function testRow(sure, [family, count, same, versions]) {
      const items = versions.map(([winner, n, details]) => {
        const named = join(details.map((detail) => (family === 'anchors' ? anchorName(detail) : versionName(family, detail))));
        return say('robust.version', { what: named + (n > details.length ? say('robust.more', { n }) : ''), name: nameById(winner) });
      });
      const firsts = items.length ? join(items, 'stop') : nameById(sure.winner);
      return [word('test.' + family, family), String(count), percent(same / count), firsts];
    }

    /** "criterion best +25%" as the library labels it. */
    function anchorName(detail) {
      const [id, end, share] = detail.split(' ');
      const criterion = model.criteria.find((c) => c.id === id);
      return [criterion ? own(criterion.label) : say('anchor.all'), say('anchor.' + end), share].join(' ');
    }

    function testTable(sure) {
      const rows = sure.tests.map((test) => testRow(sure, test));
      const head = heads('robust.tests', 'robust.versions', 'robust.kept', 'robust.others');
      return rows.length ? scroll(say('robust.tests'), table(head, rows)) : '';
    }

    function agreementTexts({ agreement }) {
      if (!agreement) return [];
      const labelled = (id) => {
        const viewpoint = model.viewpoints.find((v) => v.id === id);
        return viewpoint ? own(viewpoint.label) : id;
      };
      const items = Object.entries(agreement.favourites).map(([id, option]) => say('pair.colon', { a: labelled(id), b: nameById(option) }));
      const name = nameById(agreement.compromise);
      const ways = Object.entries(agreement.shortfall).filter(([, lost]) => lost >= 0.0005)
        .map(([id, lost]) => say('robust.way', { who: labelled(id), points: points(lost) }));
      return [
        say('robust.viewpoints', { items: join(items, 'stop'), w: grouped(agreement.concordance, 2), name }),
        ways.length ? say('robust.ways', { name, items: join(ways) }) : say('robust.ways.none', { name }),
      ];
    }

    function methodTexts(sure) {
      const method = (id) => word('method.' + id, id);
      const opinions = sure.opinions.filter(([id]) => id !== 'weighted_sum')
        .map(([id, option]) => say('pair.colon', { a: method(id), b: nameById(option) }));
      return [
        opinions.length && say('robust.opinion', { items: join(opinions, 'stop') }),
        sure.disagreeing.length && say('robust.disagree', { items: join(sure.disagreeing.map(method)) }),
        sure.reversals > 0 && say('robust.reversals', { n: sure.reversals }),
      ];
    }

    /** Options that another beats throughout, criteria in which all are alike, pairs that count one thing twice. */
    function structureTexts(sure) {
      const dominated = sure.dominated.map(([id, by]) => say('robust.dominated.item', { name: nameById(id), by: join(by.map(nameById)) }));
      return [
        dominated.length && say('robust.dominated', { items: join(dominated, 'stop') }),
        sure.neutral.length && say('robust.neutral', { items: join(sure.neutral.map(criterionName)) }),
        sure.correlated.length && say(sure.correlated.length > LISTED ? 'correlated.more' : 'correlated', {
          pairs: join(sure.correlated.slice(0, LISTED).map(pairName)), n: sure.correlated.length,
        }),
        sure.clipped.length && say('clipped', { items: join(sure.clipped.map(clippedName)) }),
      ];
    }

    /** What to find out next: unknowns by what knowing them is worth, one speed, enterprises to telephone. */
    function askTexts(sure) {
      const asks = sure.ask.filter(([, gain]) => gain >= 0.00005)
        .map(([what, gain]) => say('robust.ask.item', { what: quantity(what), points: grouped(100 * gain, 2) }));
      const calls = sure.telephone.map(([row, low, high]) => say('robust.call', {
        what: rows.label(row), low: points(Math.min(low, high)), high: points(Math.max(low, high)),
      }));
      return [
        asks.length && say('robust.ask', { items: join(asks) }),
        sure.evpi > 0 && say('robust.evpi', { points: grouped(100 * sure.evpi, 2) }),
        sure.measure && say('robust.measure', { name: word('road.' + sure.measure, sure.measure) }),
        calls.length && say('robust.calls', { n: calls.length, items: join(calls) }),
      ];
    }

    function influenceTexts({ influence }) {
      return Object.entries(influence).filter(([, rows]) => rows.length).map(([kind, rows]) => say('robust.decides', {
        kind: word('influence.' + kind, kind),
        items: join(rows.map(([label, winner, lead]) => (lead < 0
          ? say('robust.decides.flip', { what: labelOf(kind, label), name: nameById(winner) })
          : say('robust.decides.item', { what: labelOf(kind, label), points: points(lead) })))),
      }));
    }

    function labelOf(kind, label) {
      const { firms, industries } = model;
      if (kind === 'enterprise') return rows.label(label);
      const n = kind === 'industry' ? model.industry_ids.indexOf(label) : -1;
      const town = firms.towns.find((names) => names.includes(label)) || [label, label];
      return own(n < 0 ? town : industries[n]);
    }

    /** Name of an unknown or a quantity, such as "speed:motorway" or "industry:food". */
    function quantity(what) {
      const [kind, id] = what.split(/:(.*)/s);
      if (id === undefined) return word('what.' + kind, what);
      const named = {
        industry: () => labelOf('industry', id), town: () => labelOf('town', id), place: () => labelOf('town', id), speed: () => word('road.' + id, id),
        demand: () => (model.services[id] ? own(model.services[id]) : id),
      }[kind];
      return word('what.' + kind, what) === what ? what : say('what.' + kind, { name: named ? named() : id });
    }

    function flipText([what, now, at, to]) {
      const plainNumber = (n) => grouped(n, Math.abs(n) < 10 ? 2 : 1);
      return say('robust.flip', { what: quantity(what), now: plainNumber(now), at: plainNumber(at), name: nameById(to) });
    }

    function showRobustness() {
      const sure = model.robustness;
      const ranges = el('p', { id: 'ranges' });
      byId('robust').replaceChildren(ranges);
      if (!sure) return;
      const error = say('number.share', { n: grouped(100 * sure.error, 1) });
      byId('robust').append(
        shareTable(sure), registerTable(sure), testTable(sure),
        ...paragraphs([
          say('robust.draws', { draws: grouped(sure.draws, 0), error }),
          sure.never.length && say('robust.never', { names: join(sure.never.map(nameById)) }),
          ...agreementTexts(sure), ...methodTexts(sure), ...influenceTexts(sure), ...askTexts(sure),
          ...sure.flips.slice(0, 6).map(flipText),
          sure.regret && say('robust.regret', {
            name: nameById(sure.regret.minimax), points: points(sure.regret.largest[sure.regret.minimax]),
          }),
          ...structureTexts(sure),
        ]),
        el('p', { class: 'note', text: say('robust.base', { cutoff: model.cutoff }) }),
        sure.joint ? '' : el('p', { class: 'note', text: say('robust.quick') }));
    }

    const criterionName = (id) => own(model.criteria.find((c) => c.id === id).label);
    const pairName = ([a, b]) => say('pair', { a: criterionName(a), b: criterionName(b) });
    const clippedName = ([option, criterion]) => say('clipped.item', { option: nameById(option), criterion: criterionName(criterion) });

    // --- Costs and benefits --------------------------------------------------------------------------

    function economicCell(key, value, j) {
      if (model.options[j].kind === 'city' && key.startsWith('break_even')) return say('na');
      if (value === null) return say(key === 'break_even_year' ? 'eco.never' : 'number.missing');
      if (value === 'inf') return say('eco.none');
      return grouped(value, Math.abs(value) < 100 && key !== 'break_even_year' ? 1 : 0);
    }

    function showEconomics() {
      const found = model.economics;
      byId('economics-section').hidden = !found;
      if (!found) return;
      const order = model.options.map((_, j) => j);
      // Both accounts stand side by side, so the one in use needs no row of its own.
      const figures = Object.entries({ ...found.summary, ...found.accounts }).filter(([key]) => key !== 'npv_wan');
      const lines = figures.map(([key, values]) =>
        [say('eco.' + key), ...order.map((j) => economicCell(key, values[j], j))]);
      const head = [say('economics.item'), ...order.map((j) => el('span', {}, chip(j), ' ', bdi(nameOf(j))))];
      byId('economics').replaceChildren(
        el('p', { class: 'note', text: say('economics.account', { account: say('account.' + found.account) }) }),
        table(head, lines, 'scores'), ...paragraphs(economicTexts(found)), tieTable(found));
    }

    /** Prices of land at which two options score alike, options on new land only. */
    function tieTable(found) {
      const named = (n) => model.options.map((_, j) => j).filter((j) => found.land_ties.some((tie) => tie[n] === j));
      const [down, across] = [named(0), named(1)];
      if (!down.length) return '';
      const cell = (j, other) => {
        const tie = found.land_ties.find(([a, b]) => a === j && b === other);
        if (!tie) return say('number.missing');
        return tie[2] < 0 ? say('ties.free') : grouped(tie[2], 1);
      };
      const lines = down.map((j) => [bdi(nameOf(j)), ...across.map((other) => cell(j, other))]);
      const content = el('div', {}, table([say('option'), ...across.map((j) => bdi(nameOf(j)))], lines), el('p', { class: 'note', text: say('ties.note') }));
      return fold('ties', content);
    }

    function economicTexts(found) {
      const first = Object.fromEntries(Object.entries(found.pledges_first).map(([kind, id]) => [kind, nameById(id)]));
      const decides = model.pledges.filter((p) => found.decides.includes(p.id)).map((p) => own(p.who));
      return [
        found.hinges && say('economics.hinges'),
        ...found.offers.map(([id, , worth, minutes]) => say('economics.offer', {
          name: nameById(id), worth: number(worth, 'wan'), minutes: number(minutes, 'minutes'),
        })),
        first.all && say('economics.pledges', first),
        decides.length ? say('economics.decides', { names: join(decides) }) : first.all && say('economics.undecided'),
      ];
    }

    // --- Options, pledges ----------------------------------------------------------------------------

    function conditionsText(o) {
      const by = (verdict) => conditionsOf(o, verdict);
      const lists = ['fail', 'pending', 'pass'].filter((v) => by(v).length);
      return join(lists.map((v) => say('verdict.list', { verdict: say(v), items: join(by(v)) })), 'stop');
    }

    /** How the land is provided, unless the note on the land says so itself. */
    function landText(o) {
      const provision = o.provision ? say('land.' + o.provision) : '';
      const note = own(o.land);
      return join([note.toLowerCase().includes(provision.toLowerCase()) ? '' : provision, note].filter(Boolean), 'stop');
    }

    /** Ways of an option to the city and the county seat by the names of their roads, each name on its own. */
    function ways(o) {
      const { names, ...byGoal } = model.ways;
      return Object.keys(byGoal).flatMap((goal) => {
        const way = byGoal[goal][placeOf(o.id)];
        if (!Array.isArray(way)) return [];
        const roads = way.slice(2).flatMap((n, i) => [i ? ' → ' : '', n < 0 ? say('way.more', { n: -n }) : bdi(names[n])]);
        return [['way.' + goal, el('span', {}, ...roads, roads.length ? say('way.comma') : '', wayLength(way))]];
      });
    }

    const wayLength = ([minutes, km]) => (km === 'inf' ? number(km)
      : say('way.length', { minutes: number(minutes, 'minutes'), km: grouped(km, 1) }));

    /** What a pin says on the map. */
    function siteTip(j) {
      const o = model.options[j];
      return el('div', {}, el('b', { text: nameOf(j) }),
        ...ways(o).map(([key, way]) => el('div', {}, say('pair.colon', { a: say(key), b: '' }), way)));
    }

    function optionFacts(o) {
      return [
        ['kind', say('kind.' + o.kind)],
        ['reason', own(o.reason)],
        ['land', landText(o)],
        ['conditions', conditionsText(o)],
        ...ways(o),
        ['note', word('kind.' + o.kind + '.note', '')],
        ['basis', o.basis ? say('basis.' + o.basis) : ''],
      ].filter(([, text]) => text);
    }

    function showOptions() {
      byId('options').replaceChildren(...model.options.map((o, j) =>
        el('article', { class: 'option' }, el('h3', {}, chip(j), ' ', bdi(own(o.name))),
          el('dl', {}, ...optionFacts(o).flatMap(([key, text]) => [el('dt', { text: say(key) }), el('dd', {}, text.nodeType ? text : bdi(text))])))));
    }

    function pledgeText(p) {
      const amounts = [
        p.amount_wan === null ? '' : number(p.amount_wan, 'wan'),
        p.land_mu === null ? '' : say('mu', { n: grouped(p.land_mu, 1) }),
      ].filter(Boolean);
      return join([own(p.note), amounts.length ? join(amounts) : say('pledge.open')].filter(Boolean), 'stop');
    }

    function showPledges() {
      const counted = model.economics ? model.economics.counted : [];
      const rows = model.pledges.map((p, n) => [
        bdi(own(p.who)), p.site === null ? say('pledge.any') : nameById(p.site), pledgeText(p),
        say('firmness.' + p.firmness), say(p.conflict ? 'yes' : 'no'),
        counted.length ? say(counted[n] ? 'yes' : 'no') : say('number.missing'),
      ]);
      const head = heads('pledge.who', 'option', 'pledge.what', 'pledge.firmness', 'pledge.conflict', 'pledge.counted');
      byId('pledges').replaceChildren(rows.length ? table(head, rows) : el('p', { text: say('none') }));
    }

    // --- Data and sources ----------------------------------------------------------------------------

    /** How many ways of the road file are used; not every file tells. */
    function waysRead() {
      const { file, kept, all } = model.roads;
      if (all === null) return '';
      const [used, of, aside] = [kept, all, all - kept].map((n) => grouped(n, 0));
      return say('data.roads', { file, kept: used, all: of, aside });
    }

    function qualityTexts({ data }) {
      const [median, farthest, lost] = data.snap;
      const seat = model.ways.city[placeOf('county_seat')];
      return [
        own(data.basis),
        waysRead(),
        say('data.speeds', roadFacts()),
        seat && say('data.seat', { way: wayLength(seat) }),
        median !== null && say('data.snap', { median: grouped(median / 1000, 1), max: grouped(farthest / 1000, 1), lost }),
        ...data.cut_off.map(own),
        own(data.weights),
        ...data.tables.map((t) => say('data.rows', {
          table: word('table.' + t.table, t.table), file: t.file, kept: t.kept, all: t.all, aside: t.all - t.kept,
        })),
        ...data.notices.map(own),
        say('data.issues', { n: data.issues }),
      ];
    }

    /** Rows in which the number of an earlier row stands for its text in that column; see payload.py. */
    const unrepeated = (table) => table.map((row) => row.map((cell, k) => (typeof cell === 'number' ? table[cell][k] : cell)));

    function showData() {
      const rows = unrepeated(model.parameters).map(([key, value, unit, low, high, basis, source]) => [
        el('span', {}, bdi(word('parameter.' + key, key)), el('small', { text: key })),
        (value + ' ' + unit).trim(), low || high ? low + '–' + high : '', say('basis.' + basis), source,
      ]);
      byId('data-quality').replaceChildren(
        el('ul', {}, ...qualityTexts(model).filter(Boolean).map((text) => el('li', {}, bdi(text)))),
        fold('assumptions', table(heads('parameter', 'value.short', 'range', 'basis', 'source'), rows)));
    }

    function showSources() {
      const road = model.roads.file.split(', ').pop();
      const rows = unrepeated(model.sources).map(([file, content, origin, licence, basis]) => [
        file, el('span', {}, bdi(content), file === road ? el('small', { text: waysRead() }) : ''),
        origin || say('source.none'), licence || say('number.missing'), basis && say('basis.' + basis),
      ]);
      const head = heads('sources.file', 'sources.content', 'sources.origin', 'sources.licence', 'basis');
      const hashes = table(heads('provenance.key', 'value.short'), model.provenance);
      byId('sources').replaceChildren(fold('sources.list', table(head, rows)), fold('provenance', hashes));
    }

    function speak() {
      [showRobustness, showEconomics, showOptions, showPledges, showData, showSources].forEach((show) => show());
    }

    return { speak, showRanges, siteTip };
  }

  return { create };
})();
