/* Who gains and who loses under the chosen option: by industry and township, and the card of one enterprise. */
import { GAIN, LOSS } from '../colours.js';
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, svg } from '../dom.js';
import { hours, savedBy } from '../facts/enterprises.js';
import { buildFirmCard, showFirmCard, speakFirmCard } from '../figures/firm_card.js';
import { townshipGains } from '../figures/township_gains.js';
import { roving } from '../roving.js';
import { sourced } from '../summaries/source_panel.js';

export function buildGains(page) {
  const view = {
    summary: el('p', { role: 'status' }), map: el('div'), industries: el('div', { class: 'fall' }),
  };
  const { choices, card } = buildFirmCard(page);
  const halves = el('div', { class: 'falls' }, el('div', {}, view.map, choices), view.industries);
  byId('gains').append(view.summary, halves, card);
  page.view.gains = view;
}

function summary({ model, firms, state, say, nameOf, option }) {
  const [better, worse, same, total] = firms.summary[option(state.site).id] || [0, 0, firms.all, 0];
  const counts = { better, worse, same, total: say('unit.hours', { n: hours(total) }) };
  const sentences = [
    say('gains.summary', { name: nameOf(state.site), ...counts }),
    model.expansion === 1 ? '' : say('gains.expansion', { n: model.expansion }),
    firms.named ? '' : say('gains.grouped', { n: grouped(firms.all, 0) }),
  ];
  return sentences.filter(Boolean).map((text) => el('span', { text }));
}

export function showGains(page) {
  const view = page.view.gains;
  view.summary.replaceChildren(...summary(page));
  view.map.replaceChildren(...townshipGains(page));
  view.industries.replaceChildren(...industryBars(page));
  roving(view.industries, '.src');
}

/** Draw what each industry saves; industries that save nothing are left out. */
function industryBars(page) {
  const { firms, model, state, own } = page;
  const of = model.industries.map(() => 0);
  firms.rows.filter((n) => firms.industry[n] >= 0)
    .forEach((n) => (of[firms.industry[n]] += savedBy(page, state.site, n)));
  const order = of.map((_, i) => i).filter((i) => Math.round(of[i])).sort((a, b) => of[b] - of[a]);
  const most = Math.max(...of.map(Math.abs), 1);
  return order.flatMap((i) => [
    el('span', {}, bdi(own(model.industries[i]))),
    svg('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { width: (100 * Math.abs(of[i])) / most, height: 10, fill: of[i] < 0 ? LOSS : GAIN })),
    sourced('hours', hours(of[i])),
  ]);
}

export { showFirmCard };
export const speakGains = speakFirmCard;
