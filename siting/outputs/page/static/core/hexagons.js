/* Points gathered in hexagons, so that thousands of them show how many there are and not only that there are. */

const HIGH = Math.sqrt(3);

/** Find the centre of the hexagon (points up and down, of a radius) that a point lies in. */
export function hexagonOf(x, y, radius) {
  const [width, height] = [HIGH * radius, 1.5 * radius];
  const near = (row) => {
    const shift = row % 2 ? width / 2 : 0;
    return [Math.round((x - shift) / width) * width + shift, row * height];
  };
  const row = Math.floor(y / height);
  const [a, b] = [near(row), near(row + 1)];
  const far = ([cx, cy]) => (cx - x) ** 2 + (cy - y) ** 2;
  return far(a) <= far(b) ? a : b;
}

/** Count points by hexagon; `each` hands over x, y and the number of every point. */
export function countByHexagon(each, radius) {
  const found = new Map();
  each((x, y, n) => {
    const at = hexagonOf(x, y, radius);
    const key = at.join();
    if (!found.has(key)) found.set(key, { at, count: 0, first: n });
    found.get(key).count += 1;
  });
  return [...found.values()];
}
