/* The live panel: reads the data block, shows ranking, sliders, reasons and tables, and keeps them in step
   with weights, cutoff, chosen option and language. Text of users is only ever set as text. */
'use strict';

(() => {
  const model = JSON.parse(document.getElementById('data').textContent);
  const Core = SitingCore;
  model.words = Core.flattened(model.words);
  const { el, bdi, svg, table } = SitingDom;
  const byId = (id) => document.getElementById(id);
  const COLOURS = [
    '#0b5fa5', '#b04a0b', '#11795a', '#a3417c', '#6b4fa0', '#8a6d00', '#37717f', '#5b6876', '#2b2b2b',
    '#7c3f2c', '#3f6212', '#1e3a8a', '#9d174d', '#155e75', '#713f12',
  ];
  const GROUP_COLOURS = ['#1f4e79', '#2f8f83', '#c08a2e', '#8a6aa8', '#7d8894', '#b5655a'];
  const near = String(Number((100 * model.near_tie).toPrecision(6)));
  const colourOf = (j) => COLOURS[j % COLOURS.length];

  const firms = SitingFirms.unpackAll(model.firms);
  // What hangs on the place alone is held once for options that stand at one place.
  const placeOf = (id) => model.same[id] || id;

  const base = {
    groups: Core.normalised(model.groups.map((g) => g.weight)),
    within: model.criteria.map((c) => c.weight),
  };
  const groupOf = model.criteria.map((c) => c.group);
  const effective = ({ groups, within }) => Core.effectiveWeights(groups, within, groupOf);
  const baseWeights = effective(base);
  const same = (a, b) => a.every((n, i) => Math.abs(n - b[i]) < 1e-6);
  // Rounded as the permalink writes them, so that a link gives back the very same numbers.
  const rounded = (weights) => weights.map((w) => Number(w.toFixed(9)));
  const state = { lang: model.lang, groups: rounded(base.groups), within: base.within, cutoff: model.cutoff, site: 0 };
  // Parts of the page that change: filled by the build functions.
  const view = {};
  let result;

  // --- Small helpers ---------------------------------------------------------------------------------

  // Texts come in pairs, Chinese first.
  const at = () => (state.lang === 'zh' ? 0 : 1);
  const say = (key, values) => Core.fill(model.words[key][at()], values || {});
  const own = (both) => both[at()];
  const join = (items, key) => items.join(say(key || 'joiner'));
  const percent = (share) => say('number.share', { n: Core.grouped(100 * share, 0) });
  const nameOf = (j) => own(model.options[j].name);
  const number = (value, form) => Core.number(value, form, (key) => model.words[key][at()]);
  const isNa = (j, k) => model.options[j].na.includes(k);

  const conditionsOf = (o, verdict) => (o.conditions[verdict] || []).map((c) => say('condition.' + model.conditions[c]));
  const option = (j) => model.options[j];
  const buildsNothing = (j) => ['city', 'mobile'].includes(option(j).kind);
  // Of no condition at all it is not said that it is passed.
  function verdictOf(j) {
    const { verdict, conditions } = option(j);
    if (verdict !== 'pass' || Object.keys(conditions).length) return say(verdict);
    return say(buildsNothing(j) ? 'unconcerned' : 'unrecorded');
  }
  // What stands in the words that speak of the roads.
  const roadFacts = () => ({ ...model.roads, classes: join((model.layers.roads.classes || []).map((kind) => say('road.' + kind))) });
  const chip = (j) => SitingDom.chip(option(j).letter, colourOf(j));

  // --- State -----------------------------------------------------------------------------------------

  function valuesAt(cutoff) {
    const full = model.values.find((entry) => !entry.columns);
    const entry = model.values.find((candidate) => candidate.cutoff === cutoff) || full;
    if (!entry.columns) return entry.table;
    return full.table.map((row, j) => {
      const copy = [...row];
      entry.columns.forEach((k, n) => (copy[k] = entry.table[j][n]));
      return copy;
    });
  }

  /** Measured figure at the chosen cutoff: as sent, or read off the straight line of its value. */
  function rawAt(j, k) {
    const entry = model.values.find((candidate) => candidate.cutoff === state.cutoff);
    if (!entry.columns) return model.raw[j][k];
    const sent = entry.raw.find(([option, criterion]) => option === j && criterion === k);
    if (sent) return sent[2];
    const { linear, anchors } = model.criteria[k];
    const value = result.values[j][k];
    if (!linear || !entry.columns.includes(k) || value <= 0 || value >= 1) return model.raw[j][k];
    return anchors[0] + value * (anchors[1] - anchors[0]);
  }

  function readHash() {
    const given = new URLSearchParams(location.hash.slice(1));
    const numbers = (key, length) => {
      const list = (given.get(key) || '').split(',').map(Number);
      return list.length === length && list.every((n) => Number.isFinite(n) && n >= 0) ? list : null;
    };
    if (['zh', 'en'].includes(given.get('l'))) state.lang = given.get('l');
    const site = model.options.findIndex((o) => o.id === given.get('s'));
    if (site >= 0) state.site = site;
    const cutoff = Number(given.get('c'));
    if (model.values.some((entry) => entry.cutoff === cutoff)) state.cutoff = cutoff;
    const groups = numbers('g', model.groups.length);
    state.groups = groups || state.groups;
    state.within = numbers('w', model.criteria.length) || state.within;
    return site >= 0;
  }

  function writeHash() {
    const short = (list) => list.join(',');
    const parts = [
      'l=' + state.lang, 's=' + encodeURIComponent(option(state.site).id), 'c=' + state.cutoff,
      'g=' + short(state.groups), 'w=' + short(state.within),
    ];
    try {
      history.replaceState(null, '', '#' + parts.join('&'));
    } catch {
      // A page inside a notebook has no address of its own; it does without a permalink.
    }
  }

  // --- Ranking ---------------------------------------------------------------------------------------

  function buildBars() {
    const list = el('ol', { class: 'bars' });
    view.bars = model.options.map((_, j) => {
      const parts = {
        rank: el('span', { class: 'rank' }), name: el('bdi', { class: 'name' }),
        score: el('span', { class: 'score' }), mark: el('span', { class: 'mark' }),
        picture: svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }),
      };
      const button = el('button', { type: 'button', class: 'bar', onclick: () => choose(j) },
        parts.rank, chip(j), parts.name, parts.picture, parts.score, parts.mark);
      return { ...parts, button, item: el('li', {}, button) };
    });
    byId('bars').append(list);
    view.barList = list;
  }

  function showBars() {
    const focused = document.activeElement;
    const items = result.order.map((j) => view.bars[j].item);
    // Rows are moved only where the order changed: moving a row would drop the focus in it.
    items.forEach((item, n) => {
      if (view.barList.children[n] !== item) view.barList.insertBefore(item, view.barList.children[n] || null);
    });
    if (focused && view.barList.contains(focused)) focused.focus();
    view.bars.forEach((bar, j) => {
      const failed = result.failed[j];
      const said = failed ? 'bar.failed' : 'bar';
      const score = Core.points(result.score[j]);
      const verdict = verdictOf(j) + (result.tie[j] ? join(['', say('tie')]) : '');
      bar.rank.textContent = failed ? '×' : result.rank[j];
      bar.name.textContent = nameOf(j);
      bar.score.textContent = score;
      bar.mark.textContent = verdict;
      bar.mark.className = 'mark ' + option(j).verdict;
      bar.button.setAttribute('aria-pressed', j === state.site);
      bar.button.setAttribute('aria-label', join([say(said, { rank: result.rank[j], name: nameOf(j), score }), verdict], 'stop'));
      bar.picture.replaceChildren(...segments(j));
    });
  }

  function segments(j) {
    let x = 0;
    return result.parts[j].map((part, k) => {
      const rect = svg('rect', {
        x: 100 * x, y: 0, width: 100 * part, height: 10, fill: GROUP_COLOURS[model.criteria[k].group],
        'fill-opacity': 1 - 0.22 * positionInGroup(k),
      });
      x += part;
      return rect;
    });
  }

  const positionInGroup = (k) =>
    model.criteria.slice(0, k).filter((c) => c.group === model.criteria[k].group && c.weight > 0).length;

  function speakBarLegend() {
    byId('bar-legend').replaceChildren(...model.groups.map((group, g) => el('span', {},
      svg('svg', { viewBox: '0 0 10 10', width: 12, height: 12, 'aria-hidden': 'true' },
        svg('rect', { width: 10, height: 10, fill: GROUP_COLOURS[g] })),
      own(group.label))));
  }

  // --- Weights ---------------------------------------------------------------------------------------

  function slider(id, colour, onmove) {
    const parts = {
      label: el('label', { for: id }), output: el('output', { for: id }),
      input: el('input', { type: 'range', id, min: 0, max: 100, step: 1 }),
    };
    parts.input.addEventListener('input', () => onmove(Number(parts.input.value) / 100));
    const mark = svg('svg', { viewBox: '0 0 10 10', width: 12, height: 12, 'aria-hidden': 'true' },
      svg('rect', { width: 10, height: 10, fill: colour }));
    return { ...parts, head: el('div', { class: 'slider-head' }, mark, parts.label, parts.output) };
  }

  function buildSliders() {
    view.groups = model.groups.map((group, g) => {
      const parts = slider('group-' + g, GROUP_COLOURS[g], (share) => {
        state.groups = rounded(Core.withShare(result.shares, g, share, base.groups));
        update();
      });
      const strip = svg('svg', { role: 'img', class: 'strip' });
      const details = buildWithin(g);
      byId('sliders').append(el('div', { class: 'slider' }, parts.head, parts.input, strip, details.node));
      return { ...parts, strip, summary: details.summary };
    });
    view.reset = el('button', { type: 'button', onclick: () => setWeights(base) });
    view.zero = el('p', { class: 'note', role: 'status' });
    byId('sliders').append(view.zero, view.reset);
  }

  function buildWithin(g) {
    const summary = el('summary');
    const node = el('details', { class: 'within' }, summary);
    view.within = view.within || [];
    const members = model.criteria.map((c, k) => k).filter((k) => model.criteria[k].group === g);
    members.forEach((k) => {
      const parts = slider('criterion-' + k, GROUP_COLOURS[g], (share) => {
        const inside = members.map((m) => state.within[m]);
        const fallback = members.map((m) => base.within[m]);
        const total = inside.reduce((a, b) => a + b, 0) || 1;
        const moved = rounded(Core.withShare(inside.map((w) => w / total), members.indexOf(k), share, fallback));
        state.within = state.within.map((w, m) => (members.includes(m) ? moved[members.indexOf(m)] : w));
        update();
      });
      node.append(el('div', { class: 'slider small' }, parts.head, parts.input));
      view.within[k] = parts;
    });
    return { node, summary };
  }

  function setWeights(weights) {
    state.groups = rounded(Core.normalised(weights.groups));
    state.within = weights.within;
    update();
  }

  function showSliders() {
    view.groups.forEach((parts, g) => {
      const share = result.shares[g];
      parts.output.textContent = percent(share);
      parts.input.value = Math.round(100 * share);
      parts.input.setAttribute('aria-valuetext', percent(share));
      showStrip(parts.strip, result.strips[g], share, own(model.groups[g].label));
    });
    view.within.forEach((parts, k) => {
      const members = state.within.filter((_, m) => model.criteria[m].group === model.criteria[k].group);
      const total = members.reduce((a, b) => a + b, 0);
      const share = total > 0 ? state.within[k] / total : 0;
      parts.output.textContent = percent(share);
      parts.input.value = Math.round(100 * share);
      parts.input.setAttribute('aria-valuetext', percent(share));
      parts.input.disabled = members.length < 2;
    });
    view.zero.textContent = result.weights.some((w) => w > 0) ? '' : say('weights.zero');
  }

  function showStrip(node, pieces, share, label) {
    const nodes = pieces.flatMap((piece) => {
      const width = piece.to - piece.from;
      const rect = svg('rect', {
        x: 100 * piece.from + '%', y: 2, width: 100 * width + '%', height: 12, fill: colourOf(piece.winner),
      });
      if (width < 0.06) return [rect];
      const middle = 100 * (piece.from + width / 2) + '%';
      return [rect, svg('text', { x: middle, y: 12, 'text-anchor': 'middle', fill: '#fff' }, option(piece.winner).letter)];
    });
    node.replaceChildren(...nodes, svg('line', { x1: 100 * share + '%', x2: 100 * share + '%', y1: 0, y2: 16, class: 'here' }));
    const items = pieces.map((p) => nameOf(p.winner) + ' ' + percent(p.from) + '–' + percent(p.to));
    node.setAttribute('aria-label', say('strip', { label, items: join(items, 'stop') }));
  }

  function buildViewpoints() {
    view.viewpoints = [{ label: null, weights: base }].concat(
      model.viewpoints.map((v) => ({ label: v.label, weights: { groups: v.groups, within: v.within } })));
    view.viewpoints.forEach((v) => (v.button = el('button', { type: 'button', onclick: () => setWeights(v.weights) })));
    view.cutoff = el('select', { id: 'cutoff' }, ...model.values.map((entry) => el('option', { value: entry.cutoff })));
    view.cutoff.addEventListener('change', () => {
      state.cutoff = Number(view.cutoff.value);
      update();
      showOption();
    });
    view.viewLabel = el('span', { id: 'viewpoints-label' });
    view.cutoffLabel = el('label', { for: 'cutoff' });
    byId('viewpoints').append(
      el('div', { role: 'group', 'aria-labelledby': 'viewpoints-label', class: 'choices' },
        view.viewLabel, ...view.viewpoints.map((v) => v.button)),
      el('div', { class: 'choices' }, view.cutoffLabel, view.cutoff));
  }

  function showViewpoints() {
    view.viewpoints.forEach((v) => {
      const weights = effective(v.weights);
      v.button.setAttribute('aria-pressed', same(weights, result.weights));
    });
  }

  // --- Sentences -------------------------------------------------------------------------------------

  function rivalOf(j) {
    const others = result.running.filter((i) => i !== j);
    return others.length ? others[0] : null;
  }

  function weakest(j, found) {
    const k = found.weakest;
    const { label, form } = model.criteria[k];
    return say('why.weakest', {
      criterion: own(label), raw: isNa(j, k) ? say('na') : number(rawAt(j, k), form),
      value: Core.points(result.values[j][k]), lost: Core.points(found.lost[k]),
    });
  }

  function reasonsOf(j) {
    const name = nameOf(j);
    if (result.failed[j]) {
      const items = conditionsOf(option(j), 'fail');
      return [say('why.failed', { name, items: join(items) })];
    }
    const rival = rivalOf(j);
    const found = Core.reasons(result.parts, result.weights, j, rival);
    const score = Core.points(result.score[j]);
    if (rival === null) return [say('why.only', { name, score }), weakest(j, found)];
    const gap = Core.points(Math.abs(result.score[j] - result.score[rival]));
    const values = { name, score, n: result.running.length, rank: result.rank[j], rival: nameOf(rival), gap };
    const said = [say(j === result.running[0] ? 'why.first' : 'why.rank', values)];
    if (result.tie[j] && result.tie[rival]) said.push(say('why.tie', { near }));
    ['ahead', 'behind'].forEach((side) => {
      if (found[side].length) said.push(say('why.' + side, { rival: nameOf(rival), items: join(found[side].map(gapItem)) }));
    });
    return [...said, weakest(j, found)];
  }

  const gapItem = ({ criterion, points }) => say('why.item', {
    criterion: own(model.criteria[criterion].label),
    points: (points > 0 ? '+' : '−') + Core.points(Math.abs(points)),
  });

  function needsOf(j, winner) {
    const name = nameOf(j);
    const better = model.criteria.some((_, k) => result.weights[k] > 0 && result.values[j][k] > result.values[winner][k]);
    const shares = Core.neededShares(result.strips, result.shares, j).map(({ group, share }) =>
      say(share > result.shares[group] ? 'needs.up' : 'needs.down', {
        group: own(model.groups[group].label), now: percent(result.shares[group]),
        need: say('number.share', { n: Core.grouped(100 * share, 1) }),
      }));
    const needed = Core.neededValues(result.values, result.weights, result.score, j, winner);
    const straight = model.criteria.map((c, k) => c.linear && !isNa(j, k));
    const raws = needed.flatMap((need, k) => (need === null || !straight[k] ? [] : [rawNeeded(j, k, need)]));
    if (!better) return say('needs.dominated', { name, winner: nameOf(winner) });
    const items = [...shares, ...raws].slice(0, 5);
    if (items.length) return say('needs.list', { name, items: join(items, 'needs.or') });
    const together = Core.neededTogether(result.values, result.weights, result.score, j, winner, straight);
    if (!together) return say('needs.never', { name });
    return say('needs.together', { name, items: join(together.map(({ criterion, value }) => rawNeeded(j, criterion, value)), 'stop') });
  }

  /** "criterion rises from … to …": the measured figure that gives a value. */
  function rawNeeded(j, k, value) {
    const { anchors, label, form } = model.criteria[k];
    const need = number(anchors[0] + value * (anchors[1] - anchors[0]), form);
    const side = anchors[1] > anchors[0] ? 'up' : 'down';
    return say('needs.raw.' + side, { criterion: own(label), now: number(rawAt(j, k), form), need });
  }

  function showSentences() {
    byId('why').replaceChildren(
      el('p', { class: 'note' }, bdi(say('why.of', { name: nameOf(state.site) }))),
      ...reasonsOf(state.site).map((text) => el('p', {}, bdi(text))));
    const winner = result.running[0];
    const others = result.running.slice(1);
    byId('needs').replaceChildren(...others.map((j) => el('li', {}, chip(j), ' ', bdi(needsOf(j, winner)))));
    const paragraph = (text, className) => el('p', { class: className }, bdi(text));
    byId('conclusion-text').replaceChildren(
      ...headlines().map((text) => paragraph(text, 'head')), ...details().map((text) => paragraph(text, null)));
    document.querySelectorAll('.basis').forEach((node) => {
      node.textContent = basis();
      node.classList.toggle('own', !isBase());
    });
  }

  /** Whether weights and cutoff are the study's own; what it recommends or drew holds for these alone. */
  const sameWeights = () => same(baseWeights, result.weights);
  const sameCutoff = () => state.cutoff === model.cutoff;
  const isBase = () => sameWeights() && sameCutoff();

  /** On which weights and cutoff the result rests. */
  function basis() {
    if (isBase()) return say(model.adopted ? 'weights.adopted' : 'weights.example');
    const key = sameCutoff() ? 'weights.own' : sameWeights() ? 'weights.cutoff' : 'weights.both';
    return say(key, { cutoff: state.cutoff });
  }

  const names = (options) => join(options.map(nameOf));
  const score = (j) => Core.points(result.score[j]);
  const building = () => result.running.find((j) => !buildsNothing(j));
  const npvOf = (j) => model.economics.summary.npv_wan[j];

  /** First whether building pays, then which option scores highest and whether it stands alone. */
  function headlines() {
    const [first] = result.running;
    if (first === undefined) return [];
    const best = isBase() ? say(model.recommended ? 'best' : 'highest') : say('highest.set', { basis: basis() });
    return [...worth(), say('conclude.lead', { best, name: nameOf(first), score: score(first), rest: caution(first) })];
  }

  /** Which options do as well as the first, or better once drawn; draws hold for the study's own cutoff. */
  function caution(first) {
    const leaders = sameCutoff() ? model.sure.leaders : [];
    const others = leaders.filter((j) => j !== first);
    if (others.length) return say(leaders.includes(first) ? 'lead.even' : 'lead.behind', { names: names(others) });
    const tied = result.running.filter((j) => result.tie[j] && j !== first);
    return tied.length ? say('lead.tie', { names: names(tied) }) : '';
  }

  function details() {
    const [first, second] = result.running;
    if (first === undefined) return failures();
    const n = result.running.length;
    const said = [second === undefined ? say('conclude.only') : say('conclude.first', {
      basis: basis(), n, name: nameOf(first), second: nameOf(second), second_score: score(second),
    })];
    const tied = result.running.filter((j) => result.tie[j]);
    if (tied.length) said.push(say('conclude.tie', { names: names(tied), near }));
    return [...said, ...staying(first), ...drawn().map(own), ...openConditions(first), ...failures()];
  }

  /** Shares of random weightings hold whatever the sliders say, registers drawn for the study's own weights. */
  function drawn() {
    if (!sameCutoff()) return [];
    return [...model.sure.draws, ...(sameWeights() ? model.sure.registers : [])];
  }

  /** Whether the benefits of the best building option cover its costs: that comes before any site. */
  function worth() {
    const j = building();
    if (!model.economics || j === undefined) return [];
    const npv = npvOf(j);
    const values = { n: model.expansion, name: nameOf(j), account: say('account.' + model.economics.account) };
    if (typeof npv !== 'number') return [say('conclude.unknown', values)];
    const amount = at() ? Core.grouped(Math.abs(npv) / 100, 1) : Core.grouped(Math.abs(npv), 0);
    return [say(npv < 0 ? 'conclude.loss' : 'conclude.gain', { ...values, amount: say('number.amount', { n: amount }) })];
  }

  /** Why not building comes first, if it does: against the building option that scores highest. */
  function staying(first) {
    const rival = building();
    if (first === rival) return [];
    const name = nameOf(first);
    if (rival === undefined) return [say('conclude.stay', { name })];
    const found = model.economics;
    const npv = found ? npvOf(rival) : null;
    const pays = typeof npv === 'number' && npv >= 0;
    const { ahead } = Core.reasons(result.parts, result.weights, first, rival);
    const said = [
      say(pays ? 'conclude.stay.yet' : 'conclude.stay', { name, rival: nameOf(rival) }),
      say('conclude.stay.best', {
        name, rival: nameOf(rival), score: score(rival), gap: Core.points(result.score[first] - result.score[rival]),
        items: join(ahead.map(gapItem)),
      }),
    ];
    if (typeof npv === 'number' && npv < 0) {
      said.push(say('conclude.stay.cost', {
        rival: nameOf(rival), hours: number(found.summary.hours_saved[rival], 'hours'),
        cost: number(found.accounts['net_cost_' + found.account][rival], 'wan'),
      }));
    }
    return [...said, say('conclude.stay.turn')];
  }

  function openConditions(first) {
    const stated = Object.values(option(first).conditions).flat();
    const missing = buildsNothing(first) ? [] : model.conditions.filter((_, c) => !stated.includes(c));
    const lists = {
      'conclude.pending': conditionsOf(option(first), 'pending'),
      'conclude.unrecorded': missing.map((id) => say('condition.' + id)),
    };
    return Object.keys(lists).filter((key) => lists[key].length)
      .map((key) => say(key, { name: nameOf(first), n: lists[key].length, items: join(lists[key]) }));
  }

  function failures() {
    const failed = result.order.filter((j) => result.failed[j]);
    return failed.length ? [say('conclude.failed', { names: names(failed) })] : [];
  }

  // --- Score table and parallel coordinates ------------------------------------------------------------

  function scoreCell(j, k) {
    if (isNa(j, k)) return el('span', { class: 'na', text: say('na') });
    const value = Core.points(result.values[j][k]);
    const small = result.weights[k] > 0
      ? say('cell', { value, points: Core.points(result.parts[j][k]) })
      : say('unscored');
    return el('span', {}, el('span', { class: 'figure-raw', text: number(rawAt(j, k), model.criteria[k].form) }), el('small', { text: small }));
  }

  function showTable() {
    const head = [say('criterion'), say('weight'), ...result.order.map((j) => el('span', {}, chip(j), ' ', bdi(nameOf(j))))];
    const rows = model.criteria.map((c, k) => {
      const name = el('span', {}, bdi(own(c.label)), el('small', { text: own(model.groups[c.group].label) }));
      if (c.anchors) name.title = say('anchors', { low: number(c.anchors[0], c.form), high: number(c.anchors[1], c.form) });
      return [name, percent(result.weights[k]), ...result.order.map((j) => scoreCell(j, k))];
    });
    rows.push([say('total'), percent(1), ...result.order.map((j) => el('strong', { text: Core.points(result.score[j]) }))]);
    const made = table(head, rows, 'scores');
    const column = result.order.indexOf(state.site) + 3;
    made.querySelectorAll(`tr > :nth-child(${column})`).forEach((cell) => cell.classList.add('chosen'));
    byId('table').replaceChildren(made, el('p', { class: 'note', text: say('na.note') + say('cell.note') }));
  }

  function showParallel() {
    const [left, right, top, bottom, width] = [40, 40, 34, 190, 1000];
    const shown = model.criteria.map((_, k) => k);
    const x = (k) => left + (k * (width - left - right)) / Math.max(1, shown.length - 1);
    const y = (v) => bottom - v * (bottom - top);
    const node = svg('svg', { viewBox: `0 0 ${width} 222`, role: 'img', 'aria-label': say('compare'), class: 'parallel' });
    shown.forEach((k) => {
      const title = svg('text', { x: x(k), y: 16, 'text-anchor': 'middle' });
      title.textContent = own(model.criteria[k].short);
      const share = svg('text', { x: x(k), y: 210, 'text-anchor': 'middle', class: 'faint' });
      share.textContent = say('weight') + ' ' + percent(result.weights[k]);
      node.append(svg('path', { d: `M${x(k)} ${top}V${bottom}`, class: 'axis' }), title, share);
    });
    [...result.order].reverse().sort((a, b) => (a === state.site) - (b === state.site)).forEach((j) => {
      const points = shown.map((k) => `${x(k)},${y(result.values[j][k])}`).join(' ');
      const chosen = j === state.site;
      node.append(svg('polyline', { points, stroke: colourOf(j), class: chosen ? 'line chosen' : 'line' }));
    });
    placeLetters(node, x(shown.length - 1) + 10, y, shown.length - 1);
    byId('parallel').replaceChildren(node);
  }

  /** Letters at the right end, pushed apart where lines end together. */
  function placeLetters(node, x, y, k) {
    let last = -Infinity;
    [...result.order].sort((a, b) => result.values[b][k] - result.values[a][k]).forEach((j) => {
      last = Math.max(last + 12, y(result.values[j][k]) + 4);
      const letter = svg('text', { x, y: last, fill: colourOf(j), class: 'end' });
      letter.textContent = option(j).letter;
      node.append(letter);
    });
  }

  // --- Map -------------------------------------------------------------------------------------------

  const LAYER_NAMES = ['isochrones', 'flows', 'saved', 'firms', 'roads', 'places'];

  function buildMap() {
    view.map = SitingMap.create(byId('map'), model, firms, {
      colourOf, choose, placeOf, tip: (n) => rows.tip(state.site, n), siteTip: readouts.siteTip,
    });
    view.layers = LAYER_NAMES.map((name) => {
      const box = el('input', { type: 'checkbox', id: 'layer-' + name });
      const group = view.map.groups[name];
      box.checked = view.map.map.hasLayer(group);
      box.addEventListener('change', () => (box.checked ? group.addTo(view.map.map) : group.remove()));
      return { name, label: el('label', { for: 'layer-' + name }), box };
    });
    view.fit = el('button', { type: 'button', onclick: view.map.fit });
    byId('layer-box').append(...view.layers.map(({ box, label }) => el('span', { class: 'check' }, box, label)), view.fit);
    view.search = el('input', { type: 'search', id: 'search', list: 'names', onchange: findFirm });
    view.searchLabel = el('label', { for: 'search', class: 'hidden' });
    view.names = el('datalist', { id: 'names' });
    byId('search-box').append(view.searchLabel, view.search, view.names);
  }

  function findFirm() {
    const text = view.search.value;
    const [n] = text ? rows.find(text) : [];
    if (n === undefined) {
      if (text) byId('announce').textContent = say('search.none', { text });
      return;
    }
    view.map.map.setView([firms.lat[n], firms.lon[n]], 12, { animate: false });
    view.map.marks.open(n);
    byId('announce').textContent = rows.tip(state.site, n).textContent;
  }

  function key(picture, text) {
    return el('span', { class: 'key' }, picture, text);
  }

  function stroke(colour, width, dash, casing) {
    const node = svg('svg', { viewBox: '0 0 26 10', width: 26, height: 10, 'aria-hidden': 'true' });
    if (casing) node.append(svg('path', { d: 'M0 5h26', stroke: casing, 'stroke-width': width + 1.6 }));
    node.append(svg('path', { d: 'M0 5h26', stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash || 'none' }));
    return node;
  }

  function showLegend() {
    const swatch = (colour) => svg('svg', { viewBox: '0 0 12 12', width: 14, height: 14, 'aria-hidden': 'true' },
      svg('circle', { cx: 6, cy: 6, r: 5, fill: colour, 'fill-opacity': 0.45, stroke: colour }));
    const industries = model.industries.map((name, i) => key(SitingMap.symbol(i), bdi(own(name))));
    const roads = Object.entries(SitingMap.ROADS).filter(([kind]) => model.layers.roads.groups.some((r) => r.class === kind))
      .map(([kind, style]) => key(stroke(style.fill, style.width - 1.6, null, style.casing), say('road.' + kind)));
    const believed = model.layers.roads.groups.some((r) => r.believed) ? [key(stroke('#fff', 2, '6 5', '#a09a8d'), say('legend.believed'))] : [];
    const bands = (model.layers.isochrones[placeOf(option(state.site).id)] || []).map((band) => band.minutes).reverse();
    const iso = bands.map((minutes, n) => key(
      svg('svg', { viewBox: '0 0 12 12', width: 14, height: 14, 'aria-hidden': 'true' },
        svg('rect', { width: 12, height: 12, fill: SitingMap.BANDS[Math.min(n, 5)], 'fill-opacity': 0.55 })), String(minutes)));
    const line = (title, keys) => el('div', { class: 'legend-line' }, el('b', { text: title }), ...keys);
    byId('legend').replaceChildren(
      line(say('legend.firms'), industries),
      line(say('legend.roads'), [...roads, ...believed]),
      ...(iso.length ? [line(say('legend.iso'), iso)] : []),
      line(say('layers'), [
        key(stroke('#6f7780', 1.5), say('legend.flow', { cutoff: state.cutoff })),
        key(swatch(SitingMap.GAIN), say('legend.saved')), key(swatch(SitingMap.LOSS), say('legend.extra')),
        key(el('span', { class: 'sample uncertain', text: say('town') }), say('legend.uncertain')),
      ]));
  }

  // --- Keeping in step -------------------------------------------------------------------------------

  function choose(j) {
    state.site = j;
    update();
    showOption();
  }

  function describe(j) {
    const values = { rank: result.rank[j], name: nameOf(j), score: Core.points(result.score[j]) };
    return say(result.failed[j] ? 'bar.failed' : 'bar', values);
  }

  /** Names below the map on paper. */
  function speakFigure() {
    document.querySelectorAll('[data-zh]').forEach((node) => (node.textContent = node.dataset[state.lang]));
    document.querySelector('svg.figure').setAttribute('aria-label', say('map.static'));
  }

  const rows = SitingFirms.create({ model, firms, say, own, join, nameOf, number, placeOf });
  const readouts = SitingReadouts.create({
    model, rows, say, own, join, percent, nameOf, number, chip, conditionsOf, placeOf, roadFacts, result: () => result,
  });

  /** What follows the weights. */
  function update() {
    result = Core.assess(model, valuesAt(state.cutoff), state.groups, state.within);
    showBars();
    showSliders();
    showViewpoints();
    showSentences();
    showTable();
    showParallel();
    readouts.showRanges();
    SitingMap.showRanks(view.map, result, state.site, describe);
    writeHash();
    const [first] = result.running;
    if (first !== undefined) byId('announce').textContent = describe(first);
  }

  /** What follows the chosen option and the cutoff. */
  function showOption() {
    SitingMap.showOption(view.map, state.site, state.cutoff, colourOf(state.site));
    showLegend();
    rows.show(state.site);
  }

  function speakMap() {
    const zoom = view.map.map.zoomControl;
    [[zoom._zoomInButton, 'zoom.in'], [zoom._zoomOutButton, 'zoom.out']].forEach(([button, word]) => {
      button.title = say(word);
      button.setAttribute('aria-label', say(word));
    });
    const north = document.querySelector('.north svg');
    north.setAttribute('aria-label', say('north.full'));
    north.querySelector('text').textContent = say('north');
    byId('map').setAttribute('role', 'region');
    byId('map').setAttribute('aria-label', say('map'));
    view.layers.forEach(({ name, label }) => (label.textContent = say('layer.' + name)));
    view.fit.textContent = say('fit');
    const search = say(firms.named ? 'search' : 'search.groups');
    view.search.placeholder = search;
    view.searchLabel.textContent = search;
    view.names.replaceChildren(...rows.proposals().map((value) => el('option', { value })));
    SitingMap.speak(view.map, own);
  }

  function speakControls() {
    view.groups.forEach((parts, g) => {
      parts.label.textContent = own(model.groups[g].label);
      parts.summary.textContent = say('weights.within');
    });
    view.within.forEach((parts, k) => (parts.label.textContent = own(model.criteria[k].label)));
    view.reset.textContent = say('weights.reset');
    view.viewLabel.textContent = say('viewpoints');
    view.viewpoints.forEach((v) => (v.button.textContent = v.label ? own(v.label) : say('base')));
    view.cutoffLabel.textContent = say('cutoff');
    view.cutoff.value = state.cutoff;
    [...view.cutoff.options].forEach((o) => (o.textContent = say('number.minutes', { n: o.value })));
    rows.speak();
  }

  /** All words anew: on opening and when the language changes. */
  function speak() {
    document.documentElement.lang = state.lang === 'zh' ? 'zh-CN' : 'en';
    document.querySelectorAll('[data-t]').forEach((node) => (node.textContent = say(node.dataset.t, roadFacts())));
    document.title = own(model.title);
    byId('title').textContent = own(model.title);
    byId('subtitle').textContent = say('subtitle', { year: model.year, options: model.options.length, firms: firms.all });
    if (own(model.demo)) {
      byId('demo').replaceChildren(el('strong', { text: say('demo') }), ' ', el('span', { text: own(model.demo) }));
    }
    if (model.questions.length) byId('questions').replaceChildren(...model.questions.map((pair) => el('li', { text: own(pair) })));
    ['zh', 'en'].forEach((lang) => byId(lang).setAttribute('aria-pressed', lang === state.lang));
    speakControls();
    speakMap();
    speakFigure();
    speakBarLegend();
    readouts.speak();
    update();
    showOption();
  }

  function buildTools() {
    ['zh', 'en'].forEach((lang) => byId(lang).addEventListener('click', () => {
      state.lang = lang;
      speak();
    }));
    byId('print').addEventListener('click', () => print());
    // Paper cannot be unfolded.
    addEventListener('beforeprint', () =>
      document.querySelectorAll('details:not(.within)').forEach((fold) => (fold.open = true)));
    byId('link').addEventListener('click', async () => {
      let done = 'link.fail';
      try {
        await navigator.clipboard.writeText(location.href);
        done = 'link.done';
      } catch {
        // Browsers refuse the clipboard to some local pages; the address bar holds the same link.
      }
      byId('announce').textContent = say(done);
      byId('link').textContent = say(done);
      setTimeout(() => (byId('link').textContent = say('link')), 3000);
    });
  }

  document.documentElement.classList.add('scripted');
  const chosen = readHash();
  result = Core.assess(model, valuesAt(state.cutoff), state.groups, state.within);
  if (!chosen) state.site = result.order[0];
  buildBars();
  buildSliders();
  buildViewpoints();
  buildMap();
  buildTools();
  speak();
  view.map.map.invalidateSize({ animate: false });
  view.map.fit();
})();
