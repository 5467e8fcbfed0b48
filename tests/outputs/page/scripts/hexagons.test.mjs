import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countByHexagon, hexagonOf } from '#page/core/hexagons.js';

const places = Array.from({ length: 400 }, (_, n) => [(n * 37.7) % 211, (n * 91.3) % 173]);

test('the centre of a hexagon lies within its radius, and every centre is its own', () => {
  places.forEach(([x, y]) => {
    const [cx, cy] = hexagonOf(x, y, 9);
    assert.ok(Math.hypot(cx - x, cy - y) <= 9 + 1e-9);
    const again = hexagonOf(cx, cy, 9);
    assert.ok(Math.hypot(again[0] - cx, again[1] - cy) < 1e-9);
  });
});

test('hexagons hold every point once', () => {
  const cells = countByHexagon((visit) => places.forEach(([x, y], n) => visit(x, y, n)), 9);
  assert.equal(cells.reduce((sum, { count }) => sum + count, 0), places.length);
  assert.ok(cells.length > 100 && cells.length < 400);
});
