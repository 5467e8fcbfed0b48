/* Routes of an option to the city and the county seat, by the names of their roads. */
import { grouped } from '../core/numbers.js';
import { bdi, el } from '../dom.js';

export function routeLength({ say, number }, [minutes, km]) {
  if (km === 'inf') return number(km);
  return say('way.length', { minutes: number(minutes, 'minutes'), km: grouped(km, 1) });
}

/** List the routes of an option as keys and elements, each name of a road on its own. */
export function routesOf(page, o) {
  const { model, own, say, placeOf } = page;
  const { names, ...byGoal } = model.ways;
  return Object.keys(byGoal).flatMap((goal) => {
    const route = byGoal[goal][placeOf(o.id)];
    if (!Array.isArray(route)) return [];
    const roads = route.slice(2).flatMap((n, i) =>
      [i ? ' → ' : '', n < 0 ? say('way.more', { n: -n }) : bdi(own(names[n]))]);
    const comma = roads.length ? say('way.comma') : '';
    return [['way.' + goal, el('span', {}, ...roads, comma, routeLength(page, route))]];
  });
}

/** Write what a pin tells on the map. */
export function siteTip(page, j) {
  const { say, nameOf, option } = page;
  const lines = routesOf(page, option(j)).map(([key, route]) =>
    el('div', {}, say('pair.colon', { a: say(key), b: '' }), route));
  return el('div', {}, el('b', { text: nameOf(j) }), ...lines);
}
