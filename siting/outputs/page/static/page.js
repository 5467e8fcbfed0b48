/* The page that all parts share: model, state of the reader, result of the moment, views, and words. */
import { unpackEnterprises } from './core/enterprises.js';
import { effectiveWeights, normalised, rounded } from './core/weights.js';
import { flattened } from './core/words.js';
import { chip } from './dom.js';
import { createWording } from './wording.js';

const COLOURS = [
  '#0b5fa5', '#b04a0b', '#11795a', '#a3417c', '#6b4fa0', '#8a6d00', '#37717f', '#5b6876', '#2b2b2b',
  '#7c3f2c', '#3f6212', '#1e3a8a', '#9d174d', '#155e75', '#713f12',
];
export const GROUP_COLOURS = ['#1f4e79', '#2f8f83', '#c08a2e', '#8a6aa8', '#7d8894', '#b5655a'];

/** Make the page from its data block; `view` is filled by the build functions, `result` by each update. */
export function createPage(data) {
  const model = { ...data, words: flattened(data.words) };
  const base = { groups: normalised(model.groups.map((g) => g.weight)), within: model.criteria.map((c) => c.weight) };
  const state = { lang: model.lang, groups: rounded(base.groups), within: base.within, cutoff: model.cutoff, site: 0 };
  const groupOf = model.criteria.map((c) => c.group);
  const effective = ({ groups, within }) => effectiveWeights(groups, within, groupOf);
  const option = (j) => model.options[j];
  // Hues a golden angle apart for what comes after: letters tell options apart, colours help.
  const colourOf = (j) => COLOURS[j] || `hsl(${Math.round(137.5 * j) % 360},60%,${j % 2 ? 28 : 36}%)`;
  return {
    model, firms: unpackEnterprises(model.firms), base, baseWeights: effective(base), state, view: {}, result: null,
    effective, option, colourOf,
    isUnranked: model.nothing.length > 0,
    near: String(Number((100 * model.near_tie).toPrecision(6))),
    chip: (j) => chip(option(j).letter, colourOf(j)),
    // What hangs on the place alone is held once for options that stand at one place.
    placeOf: (id) => model.same[id] || id,
    isNa: (j, k) => option(j).na.includes(k),
    ...createWording(model, state),
  };
}
