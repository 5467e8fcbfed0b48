/* Who gains and who loses under the chosen option: counts, hours by township, and the card of one enterprise. */
import { grouped } from '../core/numbers.js';
import { byId, el } from '../dom.js';
import { hours } from '../enterprises.js';
import { buildFirmCard, showFirmCard, speakFirmCard } from '../figures/firm_card.js';
import { townshipGains } from '../figures/township_gains.js';

export function buildGains(page) {
  const view = { summary: el('p', { role: 'status' }), map: el('div'), firm: el('div') };
  byId('gains').append(view.summary, view.map, view.firm);
  page.view.gains = view;
  buildFirmCard(page, view.firm);
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
}

export { showFirmCard };
export const speakGains = speakFirmCard;
