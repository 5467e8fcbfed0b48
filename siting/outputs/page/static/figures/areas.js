/* Small maps of the townships: one shape an area, painted by whoever draws them. */
import { unpackColumns, unpackLines } from '../core/packing.js';
import { svg } from '../dom.js';
import { COARSE } from '../map/ground.js';

const WIDTH = 200;

/** Lay out the areas once: shape, middle, townships and minutes by option; `of` holds the area of a row. */
export function areasOf({ model, firms, join, own }) {
  const { towns, rings, minutes } = model.townships;
  const shapes = rings.map((text) => unpackLines(text, COARSE));
  const points = shapes.flat(2);
  const end = (axis, most) => points.reduce((found, at) => most(found, at[axis]), (points[0] || [])[axis]);
  const [north, west] = [end(0, Math.max), end(1, Math.min)];
  const down = (WIDTH / (end(1, Math.max) - west)) / Math.cos((north * Math.PI) / 180);
  const across = WIDTH / (end(1, Math.max) - west);
  const at = ([lat, lon]) => [Math.round((lon - west) * across), Math.round((north - lat) * down)];
  const columns = Object.values(unpackColumns(minutes));
  return {
    frame: `-2 -2 ${WIDTH + 4} ${Math.ceil((north - end(0, Math.min)) * down) + 4}`,
    of: firms.town.map((town) => towns.findIndex((members) => members.includes(town))),
    list: shapes.map((parts, n) => ({
      n, d: parts.map((ring) => 'M' + ring.map(at).join('L') + 'Z').join(''), middle: middleOf(parts.flat().map(at)),
      name: () => join(towns[n].map((town) => own(firms.towns[town]))),
      isEmpty: !towns[n].length,
      minutes: columns.map((column) => column[n]),
    })),
  };
}

const middleOf = (points) => [0, 1].map((axis) => points.reduce((total, at) => total + at[axis], 0) / points.length);

/** Draw one map; `paint` gives colour and, where colour alone would not tell, a sign for an area. */
export function drawAreas({ frame, list }, label, paint) {
  const signs = [];
  const shapes = list.map((area) => {
    const [fill, sign] = paint(area);
    const [x, y] = area.middle;
    if (sign && area.d) signs.push(svg('text', { x, y: y + 4, 'text-anchor': 'middle' }, sign));
    return svg('path', { d: area.d, fill, 'data-area': area.n });
  });
  return svg('svg', { viewBox: frame, role: 'img', 'aria-label': label, class: 'areas' }, ...shapes, ...signs);
}
