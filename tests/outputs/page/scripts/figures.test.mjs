import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standingUnder, unpackDraws } from '#page/core/draws.js';
import { assess } from '#page/core/scoring.js';
import { cornerScores, winnerPieces } from '#page/core/triangle.js';
import { sum } from '#page/core/weights.js';
import { assertClose, cases, unpackedStrips } from './cases.mjs';

test('shares and intervals over the draws equal those of Python under any weights', () => {
  assert.equal(cases.draws.length, 40);
  cases.draws.forEach(({ packed, weights, shares, ends, draws }) => {
    const found = standingUnder(unpackDraws(packed), weights);
    assert.equal(found.draws, draws);
    assertClose(packed.sites.map((j) => found.shares[j]), shares);
    assertClose(packed.sites.flatMap((j) => found.ends[j]), ends.flat());
  });
});

test('pieces of the triangle hold the winner at each split of weight and cover it once', () => {
  const { model, values } = unpackedStrips();
  const within = model.criteria.map((c) => c.weight);
  const { byGroup, shares, running } = assess(model, values, model.groups.map((g) => g.weight), within);
  [[0, 1, 2], [1, 2, 3], [0, 2, 3]].forEach((three) => {
    const pieces = winnerPieces(cornerScores(byGroup, shares, three), running);
    assertClose([sum(pieces.map(({ share }) => share))], [1]);
    const all = sum(three.map((g) => shares[g]));
    const splits = Array.from({ length: 21 }, (_, a) => Array.from({ length: 21 - a }, (_b, b) => [a / 20, b / 20]));
    splits.flat().map(([a, b]) => [a, b, Math.max(0, 1 - a - b)]).forEach((split) => {
      const weights = shares.map((share, g) => (three.includes(g) ? all * split[three.indexOf(g)] : share));
      const { score } = assess(model, values, weights, within);
      const best = Math.max(...running.map((j) => score[j]));
      const held = pieces.filter(({ polygon }) => isInside(polygon, split)).map(({ winner }) => winner);
      assert.ok(held.some((j) => score[j] > best - 1e-9), `${three} ${split}`);
      assert.ok(held.every((j) => score[j] > best - 1e-6), `${three} ${split}`);
    });
  });
});

/** Whether a point lies in a convex polygon, its edge included, whichever way it turns. */
function isInside(polygon, [x, y]) {
  const turns = polygon.map(([a, b], n) => {
    const [c, d] = polygon[(n + 1) % polygon.length];
    return (c - a) * (y - b) - (d - b) * (x - a);
  });
  return turns.every((turn) => turn > -1e-9) || turns.every((turn) => turn < 1e-9);
}

test('an option that another beats everywhere has no piece', () => {
  const pieces = winnerPieces([[0.5, 0.5, 0.5], [0.4, 0.4, 0.4], [0.6, 0.2, 0.2]], [0, 1, 2]);
  assert.deepEqual(pieces.map(({ winner }) => winner), [0, 2]);
  // The third leads where the first corner weighs more than three quarters: a sixteenth of the triangle.
  assertClose(pieces.map(({ share }) => share), [15 / 16, 1 / 16]);
});
