/* Buttons that set all weights at once, and the choice of the cutoff. */
import { alike } from '../core/weights.js';
import { byId, el } from '../dom.js';
import { roving } from '../roving.js';
import { radii } from '../facts/values.js';
import { setWeights } from './sliders.js';

export function buildViewpoints(page) {
  const { view, model, base } = page;
  view.viewpoints = [{ label: null, weights: base }].concat(
    model.viewpoints.map((v) => ({ label: v.label, weights: { groups: v.groups, within: v.within } })));
  view.viewpoints.forEach((v) => {
    v.button = el('button', { type: 'button', onclick: () => setWeights(page, v.weights) });
  });
  buildCutoff(page);
  view.viewLabel = el('span', { id: 'viewpoints-label' });
  byId('viewpoints').append(
    el('div', { role: 'group', 'aria-labelledby': 'viewpoints-label', class: 'choices' },
      view.viewLabel, ...view.viewpoints.map((v) => v.button)));
  // Where no criterion goes by a cutoff there is none to choose.
  const cutoffs = model.values.length > 1 ? [el('div', { class: 'choices' }, view.cutoffLabel, view.cutoff)] : [];
  byId('viewpoints').append(...cutoffs);
}

function buildCutoff(page) {
  const { view, model, state } = page;
  view.cutoff = el('select', { id: 'cutoff' }, ...model.values.map((entry) => el('option', { value: entry.cutoff })));
  view.cutoff.addEventListener('change', () => {
    state.cutoff = Number(view.cutoff.value);
    page.update();
    page.showOption();
  });
  view.cutoffLabel = el('label', { for: 'cutoff' });
}

export function showViewpoints({ view, state, result, effective }) {
  view.cutoff.value = state.cutoff;
  view.viewpoints.forEach((v) => v.button.setAttribute('aria-pressed', alike(effective(v.weights), result.weights)));
  roving(byId('viewpoints'), 'button');
}

/** Name a cutoff: the drive up to which something counts, and that up to which all does, where they differ. */
function cutoffName(page, cutoff) {
  const { model, say } = page;
  const { full } = radii(page, cutoff);
  if (model.decay !== 'two_radii' || full === cutoff) return say('number.minutes', { n: cutoff });
  return say('cutoff.two_radii', { n: cutoff, full });
}

export function speakViewpoints(page) {
  const { view, say, own } = page;
  view.viewLabel.textContent = say('viewpoints');
  view.viewpoints.forEach((v) => (v.button.textContent = v.label ? own(v.label) : say('base')));
  view.cutoffLabel.textContent = say('cutoff');
  [...view.cutoff.options].forEach((o) => (o.textContent = cutoffName(page, Number(o.value))));
}
