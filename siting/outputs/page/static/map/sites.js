/* Pins of the sites with letter and rank. */
import * as L from 'leaflet';
import { byId, svg } from '../dom.js';
import { roving } from '../roving.js';
import { siteTip } from '../facts/routes.js';
import { describe, foremost, rankOf } from '../facts/standing.js';

function pin(letter, colour, isUnranked) {
  const rank = svg('text', { x: 13, y: -32, class: 'pin-rank' });
  const name = svg('text', { x: 0, y: -17, class: letter.length > 2 ? 'pin-letter long' : 'pin-letter' }, letter);
  const badge = isUnranked ? [] : [svg('circle', { cx: 13, cy: -36, r: 8.5, class: 'pin-badge' })];
  const shape = svg('path', { d: 'M0 3C-5-7-14-12-14-22A14 14 0 0 1 14-22C14-12 5-7 0 3Z', fill: colour });
  const picture = svg('svg', { viewBox: '-18 -46 42 50', width: 42, height: 50, 'aria-hidden': 'true' },
    shape, svg('circle', { cx: 0, cy: -22, r: 9.5, fill: '#fff' }), name, ...badge, rank);
  return { picture, rank };
}

export function drawSites(map, page) {
  return page.model.options.map((option, j) => (option.at ? drawSite(map, page, j) : null));
}

function drawSite(map, page, j) {
  const { model, option, colourOf, choose } = page;
  const { at, letter } = option(j);
  const { picture, rank } = pin(letter, colourOf(j), page.isUnranked);
  // Options at one place stand side by side, so that each can be read and chosen.
  const before = model.options.slice(0, j).filter((o) => o.at && o.at.join() === at.join()).length;
  const icon = L.divIcon({ html: picture, className: 'pin', iconSize: [42, 50], iconAnchor: [18 - 24 * before, 46] });
  const marker = L.marker([at[1], at[0]], { icon, riseOnHover: true }).addTo(map);
  marker.bindTooltip(() => siteTip(page, j), { className: 'tip', direction: 'top', offset: [24 * before, -40] });
  marker.on('click', () => choose(j));
  marker.on('keydown', (event) => {
    if (['Enter', ' '].includes(event.originalEvent.key)) choose(j);
  });
  return { marker, rank };
}

/** Write ranks and names on the pins. */
export function showRanks(page) {
  const { result, state } = page;
  const large = foremost(page, result.order);
  page.view.map.sites.forEach((site, j) => {
    if (!site) return;
    const chosen = j === state.site;
    site.rank.textContent = rankOf(page, j);
    const node = site.marker.getElement();
    node.classList.toggle('chosen', chosen);
    node.classList.toggle('late', !large.includes(j));
    node.setAttribute('aria-label', describe(page, j));
    node.setAttribute('aria-pressed', chosen);
    const above = chosen ? 2000 : 1000 - 10 * (result.rank[j] || 0);
    if (site.marker.options.zIndexOffset !== above) site.marker.setZIndexOffset(above);
  });
  roving(byId('map'), '.pin');
}
