/* The arithmetic of the page, apart from any document: weights → contributions → scores → order,
   who wins along a weight, what another option would need, and the numbers of the sentences.
   The same rules as siting.analysis.scoring; a test holds the two equal to 1e-9. */
'use strict';

const SitingCore = (() => {
  const DECIMALS = 1e12;
  // Differences that print as 0.0 points are not worth a sentence.
  const NOTICEABLE = 0.0005;

  const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

  /** Sum with Neumaier's correction, so that the order of criteria cannot make or break a tie. */
  function exactSum(numbers) {
    let total = 0;
    let lost = 0;
    for (const n of numbers) {
      const next = total + n;
      lost += Math.abs(total) >= Math.abs(n) ? total - next + n : n - next + total;
      total = next;
    }
    return total + lost;
  }

  /** Scale weights to sum 1; all zero means all equal. */
  function normalised(weights) {
    const largest = Math.max(...weights);
    if (!(largest > 0)) return weights.map(() => 1 / weights.length);
    const scaled = weights.map((w) => w / largest);
    const total = exactSum(scaled);
    return scaled.map((w) => w / total);
  }

  /** Weight of each criterion: its group's share × its share within the group. */
  function effectiveWeights(groupWeights, withinWeights, groupOf) {
    const open = groupWeights.map((_, g) => withinWeights.some((w, k) => groupOf[k] === g && w > 0));
    // A group in which every criterion has weight zero has nothing to hand out.
    const shares = normalised(groupWeights.map((w, g) => (open[g] ? w : 0)));
    return withinWeights.map((w, k) => {
      const members = withinWeights.filter((_, i) => groupOf[i] === groupOf[k]);
      const total = exactSum(members);
      return total > 0 ? (shares[groupOf[k]] * w) / total : 0;
    });
  }

  /** Move one weight to a share; the others keep their proportions (or `fallback`'s, if all were zero). */
  function withShare(weights, moved, share, fallback) {
    let rest = weights.map((w, i) => (i === moved ? 0 : w));
    if (!(sum(rest) > 0)) rest = fallback.map((w, i) => (i === moved ? 0 : w));
    if (!(sum(rest) > 0)) rest = weights.map((_, i) => (i === moved ? 0 : 1));
    const scale = (1 - share) / sum(rest);
    return rest.map((w, i) => (i === moved ? share : w * scale));
  }

  const contributions = (values, weights) => values.map((row) => row.map((v, k) => v * weights[k]));
  const scores = (parts) => parts.map((row) => Math.round(exactSum(row) * DECIMALS) / DECIMALS);

  /** Order and ranks: failed options last, equal scores share the better rank, ids settle the order. */
  function ranking(score, ids, failed, nearTie) {
    const key = score.map((s, j) => s - (failed[j] ? 2 : 0));
    const rank = key.map((mine) => 1 + key.filter((other) => other > mine).length);
    const byId = (a, b) => (ids[a] < ids[b] ? -1 : ids[a] > ids[b] ? 1 : 0);
    const order = ids.map((_, j) => j).sort((a, b) => rank[a] - rank[b] || byId(a, b));
    const best = Math.max(...score.filter((_, j) => !failed[j]));
    const near = score.map((s, j) => !failed[j] && s >= best - nearTie - 1 / DECIMALS);
    const tied = near.filter(Boolean).length > 1;
    return { order, rank, tie: near.map((n) => n && tied) };
  }

  /** Score of each option in each group, 0..1, with the weights inside the group. */
  function groupValues(values, withinWeights, groupOf, groups) {
    return values.map((row) =>
      Array.from({ length: groups }, (_, g) => {
        const members = row.map((_, k) => k).filter((k) => groupOf[k] === g);
        const total = exactSum(members.map((k) => withinWeights[k]));
        return total > 0 ? exactSum(members.map((k) => withinWeights[k] * row[k])) / total : 0;
      }),
    );
  }

  /** Who is first while lines start + t × (end − start) compete for t in 0..1: exact pieces. */
  function envelope(start, end, running) {
    const at = (j, t) => start[j] + t * (end[j] - start[j]);
    const cuts = [0, 1];
    running.forEach((i, n) =>
      running.slice(n + 1).forEach((j) => {
        const slope = end[i] - start[i] - (end[j] - start[j]);
        const t = (start[j] - start[i]) / slope;
        if (t > 0 && t < 1) cuts.push(t);
      }),
    );
    cuts.sort((a, b) => a - b);
    const pieces = [];
    for (let n = 1; n < cuts.length; n++) {
      if (cuts[n] - cuts[n - 1] < 1e-12) continue;
      const middle = (cuts[n] + cuts[n - 1]) / 2;
      const winner = running.reduce((best, j) => (at(j, middle) > at(best, middle) ? j : best));
      const last = pieces[pieces.length - 1];
      if (last && last.winner === winner) last.to = cuts[n];
      else pieces.push({ from: cuts[n - 1], to: cuts[n], winner });
    }
    return pieces;
  }

  /** Pieces of one group's weight from 0 to 1, the others in proportion. */
  function strip(byGroup, shares, moved, fallback, running) {
    const without = withShare(shares, moved, 0, fallback);
    const start = byGroup.map((row) => sum(row.map((v, g) => v * without[g])));
    return envelope(start, byGroup.map((row) => row[moved]), running);
  }

  /** Contributions against a rival, largest first, and the criterion that loses most points. */
  function reasons(parts, weights, option, rival) {
    const gaps = parts[option].map((p, k) => ({ criterion: k, points: rival === null ? 0 : p - parts[rival][k] }));
    const by = (sign) => (a, b) => sign * (b.points - a.points) || a.criterion - b.criterion;
    const lost = parts[option].map((p, k) => weights[k] - p);
    return {
      ahead: gaps.filter((g) => g.points >= NOTICEABLE).sort(by(1)).slice(0, 3),
      behind: gaps.filter((g) => g.points <= -NOTICEABLE).sort(by(-1)).slice(0, 3),
      weakest: lost.reduce((worst, l, k) => (l > lost[worst] + 1 / DECIMALS ? k : worst), 0),
      lost,
    };
  }

  /** Value that an option needs in each criterion, alone, to reach the winner; null where 1 is not enough. */
  function neededValues(values, weights, score, option, winner) {
    const gap = score[winner] - score[option];
    return values[option].map((v, k) => {
      const need = v + gap / weights[k];
      return weights[k] > 0 && need <= 1 ? need : null;
    });
  }

  /** Fewest criteria, those that cost most points first, that together lift an option level; null if none do. */
  function neededTogether(values, weights, score, option, winner, allowed) {
    const lost = (k) => weights[k] * (1 - values[option][k]);
    const order = weights.map((_, k) => k).filter((k) => allowed[k] && lost(k) > 1 / DECIMALS)
      .sort((a, b) => lost(b) - lost(a) || a - b);
    let missing = score[winner] - score[option];
    const needed = [];
    order.forEach((k) => {
      if (missing <= 1 / DECIMALS) return;
      needed.push({ criterion: k, value: Math.min(1, values[option][k] + missing / weights[k]) });
      missing -= lost(k);
    });
    return missing <= 1 / DECIMALS ? needed : null;
  }

  /** One share of weight, alone, that brings an option to first place; the nearest one per group. */
  function neededShares(strips, shares, option) {
    const found = [];
    strips.forEach((pieces, group) => {
      const ends = pieces
        .filter((p) => p.winner === option)
        .map((p) => (p.from > shares[group] ? p.from : p.to));
      if (!ends.length) return;
      const nearest = ends.reduce((a, b) => (Math.abs(b - shares[group]) < Math.abs(a - shares[group]) ? b : a));
      found.push({ group, share: nearest });
    });
    return found;
  }

  /** Everything that follows from values and weights. */
  function assess(model, values, groupWeights, withinWeights) {
    const groupOf = model.criteria.map((c) => c.group);
    const weights = effectiveWeights(groupWeights, withinWeights, groupOf);
    const parts = contributions(values, weights);
    const score = scores(parts);
    const failed = model.options.map((o) => o.verdict === 'fail');
    const ids = model.options.map((o) => o.id);
    const { order, rank, tie } = ranking(score, ids, failed, model.near_tie);
    const running = [...order].filter((j) => !failed[j]);
    const shares = normalised(groupWeights);
    const fallback = model.groups.map((g) => g.weight);
    const byGroup = groupValues(values, withinWeights, groupOf, shares.length);
    const strips = shares.map((_, g) => strip(byGroup, shares, g, fallback, running));
    return { weights, parts, score, order, rank, tie, failed, running, shares, byGroup, strips, values };
  }

  /** Put values in the places of a template; a value is never read as a template again. */
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  function grouped(value, digits) {
    const fixed = Math.abs(value).toFixed(digits);
    const [whole, fraction] = fixed.split('.');
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? '.' + fraction : '');
    return value < 0 && Number(fixed) !== 0 ? '−' + text : text;
  }

  /** Write a raw value with its unit; null is missing, 'inf' unreachable (JSON knows neither). */
  function number(value, form, word) {
    if (value === null || value === undefined) return word('number.missing');
    if (value === 'inf') return word('number.unreachable');
    const scaled = form === 'share' ? 100 * value : value;
    const digits = form === 'hours' || form === 'wan' || Math.abs(scaled) >= 1000 ? 0 : 1;
    return fill(word('number.' + form), { n: grouped(scaled, digits) });
  }

  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const DIGIT = Object.fromEntries([...DIGITS].map((digit, n) => [digit.charCodeAt(0), n]));

  /** Text of packed whole numbers → the numbers, null where one is missing; see layers.py. */
  function unpack(text) {
    const numbers = [];
    let code = 0;
    let place = 1;
    for (let i = 0; i < text.length; i++) {
      const digit = DIGIT[text.charCodeAt(i)];
      code += (digit & 31) * place;
      place *= 32;
      if (digit & 32) continue;
      const folded = code - 1;
      numbers.push(code === 0 ? null : folded % 2 ? -(folded + 1) / 2 : folded / 2);
      code = 0;
      place = 1;
    }
    return numbers;
  }

  /** Words by full key, Chinese and English: "robust" and "share" → "robust.share"; see payload.py. */
  function flattened(tree) {
    const full = (head, tail) => (tail ? head + '.' + tail : head);
    return Object.fromEntries(Object.entries(tree).flatMap(([head, words]) =>
      Object.entries(typeof words === 'string' ? { '': words } : words).map(([tail, word]) => [full(head, tail), word.split('|')])));
  }

  const points = (value) => grouped(100 * value, 1);

  return {
    normalised, effectiveWeights, withShare, contributions, scores, ranking, groupValues, envelope, strip,
    reasons, neededValues, neededTogether, neededShares, assess, unpack, flattened, fill, grouped, number, points,
  };
})();

if (typeof module !== 'undefined' && module.exports) module.exports = SitingCore;
