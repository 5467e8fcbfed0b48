import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededShares, neededTogether, neededValues, reasons } from '#page/core/reasons.js';
import { assess, ranking } from '#page/core/scoring.js';
import { contenders, envelope, strip } from '#page/core/strips.js';
import { alike, effectiveWeights, exactSum, normalised, rounded, withShare } from '#page/core/weights.js';
import { assertClose, cases, unpackedStrips } from './cases.mjs';

test('weights, scores, ranks and ties equal those of Python', () => {
  assert.equal(cases.scoring.length, 250);
  cases.scoring.forEach(({ model, values, groups, within, expected }) => {
    const found = assess(model, values, groups, within);
    assertClose(found.score, expected.score, 1e-9);
    assertClose(found.weights, expected.weights, 1e-12);
    ['order', 'rank', 'tie'].forEach((key) => assert.deepEqual(found[key], expected[key]));
  });
});

test('strips name the option that is first at every share', () => {
  const { shares, winners } = cases.strips;
  const { model, values } = unpackedStrips();
  const { strips } = assess(model, values, model.groups.map((g) => g.weight), model.criteria.map((c) => c.weight));
  winners.forEach((of, g) => {
    assert.deepEqual([strips[g][0].from, strips[g].at(-1).to], [0, 1]);
    shares.forEach((share, n) => {
      const piece = strips[g].find(({ from, to }) => from <= share && share <= to);
      // At a seam two options are level.
      const seam = Math.min(share - piece.from, piece.to - share) < 1e-9;
      if (!seam) assert.equal(piece.winner, of[n]);
    });
  });
});

test('only options that can come first are compared, however many there are', () => {
  let seed = 1;
  const random = () => (seed = (48271 * seed) % 2147483647) / 2147483647;
  const rows = Array.from({ length: 300 }, () => [random(), random(), random()]);
  const running = rows.map((_, j) => j);
  const found = strip(rows, [0.5, 0.3, 0.2], 1, [1, 1, 1], running);
  const start = rows.map(([a, , c]) => (0.5 * a + 0.2 * c) / 0.7);
  const able = contenders(start.map((value, j) => [value, rows[j][1]]), running);
  assert.ok(able.length < 20);
  const all = envelope(start, rows.map((row) => row[1]), running);
  assert.deepEqual(found.map(({ winner }) => winner), all.map(({ winner }) => winner));
  assertClose(found.map(({ to }) => to), all.map(({ to }) => to), 1e-12);
});

test('of options that are alike the first stands for all', () => {
  assert.deepEqual(contenders([[1, 0], [1, 0], [0, 1], [0.5, 0]], [0, 1, 2, 3]), [0, 2]);
  assert.deepEqual(contenders([[1, 0], [1, 0.5]], [0, 1]), [1]);
});

test('criteria that together lift an option are the costliest', () => {
  cases.needs.forEach(({ values, weights, score, option, winner, expected }) => {
    const found = neededTogether(values, weights, score, option, winner, weights.map(() => true));
    assert.deepEqual(found.map((item) => item.criterion), expected.map((item) => item.criterion));
    assertClose(found.map((item) => item.value), expected.map((item) => item.value));
  });
});

test('nothing lifts an option where no criterion may move', () => {
  assert.equal(neededTogether([[0.5], [0.9]], [1], [0.5, 0.9], 0, 1, [false]), null);
});

test('one criterion alone lifts an option, or null', () => {
  const needed = neededValues([[0.2, 0.9], [0.6, 0.6]], [0.8, 0.2], [0.34, 0.6], 0, 1);
  assertClose([needed[0]], [0.525]);
  assert.equal(needed[1], null);
});

test('the nearest share that brings an option to the top is named', () => {
  const ends = [[0, 0.1, 1], [0.1, 0.7, 0], [0.7, 1, 1]];
  const pieces = ends.map(([from, to, winner]) => ({ from, to, winner }));
  assert.deepEqual(neededShares([pieces], [0.25], 1), [{ group: 0, share: 0.1 }]);
  assert.deepEqual(neededShares([pieces], [0.5], 1), [{ group: 0, share: 0.7 }]);
  assert.deepEqual(neededShares([pieces], [0.5], 2), []);
});

test('failed options come last and near scores tie', () => {
  const failed = [true, false, false, false];
  const { order, rank, tie } = ranking([0.9, 0.5, 0.495, 0.4], ['a', 'b', 'c', 'd'], failed, 0.01);
  assert.deepEqual(order, [1, 2, 3, 0]);
  assert.deepEqual(rank, [4, 1, 2, 3]);
  assert.deepEqual(tie, [false, true, true, false]);
});

test('equal scores share the better rank, in the order of ids', () => {
  const { order, rank } = ranking([0.5, 0.5, 0.4], ['b', 'a', 'c'], [false, false, false], 0);
  assert.deepEqual([order, rank], [[1, 0, 2], [1, 1, 3]]);
});

test('the criterion that loses most points is the weakest', () => {
  const found = reasons([[0.4, 0.1], [0.3, 0.3]], [0.5, 0.5], 0, 1);
  assert.deepEqual(found.ahead.map((gap) => gap.criterion), [0]);
  assert.deepEqual(found.behind.map((gap) => gap.criterion), [1]);
  assert.equal(found.weakest, 1);
  assert.deepEqual(reasons([[0.4, 0.1]], [0.5, 0.5], 0, null).ahead, []);
});

test('lines that cross once change the winner once', () => {
  const pieces = envelope([0, 1, 0.2], [1, 0, 0.3], [0, 1, 2]);
  assert.deepEqual(pieces, [{ from: 0, to: 0.5, winner: 1 }, { from: 0.5, to: 1, winner: 0 }]);
});

test('a moved weight takes its share and the others keep their proportions', () => {
  assertClose(withShare([0.5, 0.3, 0.2], 0, 0.2, [1, 1, 1]), [0.2, 0.48, 0.32]);
  assertClose(withShare([1, 0, 0], 0, 0.4, [0.5, 0.4, 0.1]), [0.4, 0.48, 0.12]);
  assertClose(withShare([1, 0, 0], 0, 0.4, [1, 0, 0]), [0.4, 0.3, 0.3]);
});

test('weights of nothing but zeros are equal ones', () => {
  assert.deepEqual(normalised([0, 0]), [0.5, 0.5]);
  assert.deepEqual(effectiveWeights([0.5, 0.5], [0, 2, 2], [0, 1, 1]), [0, 0.5, 0.5]);
});

test('sums lose nothing to the order of their terms', () => {
  assert.equal(exactSum([1, 1e100, 1, -1e100]), 2);
});

test('rounded weights are alike', () => {
  assert.ok(alike(rounded([1 / 3, 2 / 3]), [1 / 3, 2 / 3]));
  assert.ok(!alike([0.3, 0.7], [0.31, 0.69]));
});
