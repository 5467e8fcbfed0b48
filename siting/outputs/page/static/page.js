/* The page that all parts share: model, state of the reader, result of the moment, views, and words. */
import { SERIES } from './colours.js';
import { unpackEnterprises } from './core/enterprises.js';
import { rowsOf, unpackTable } from './core/packing.js';
import { effectiveWeights, normalised, rounded } from './core/weights.js';
import { flattened } from './core/words.js';
import { chip } from './dom.js';
import { createWording } from './wording.js';

/** Make the page from its data block; `view` is filled by the build functions, `result` by each update. */
export function createPage(data) {
  const model = { ...data, words: flattened(data.words), options: rowsOf(data.options) };
  model.values = data.values.map((entry) => ({
    ...entry, table: unpackTable(entry.table, model.options.length, (entry.columns || model.criteria).length),
  }));
  const base = { groups: normalised(model.groups.map((g) => g.weight)), within: model.criteria.map((c) => c.weight) };
  const state = { lang: model.lang, groups: rounded(base.groups), within: base.within, cutoff: model.cutoff, site: 0 };
  const groupOf = model.criteria.map((c) => c.group);
  const effective = ({ groups, within }) => effectiveWeights(groups, within, groupOf);
  const option = (j) => model.options[j];
  const colourOf = (j) => SERIES[j % SERIES.length];
  return {
    model, base, baseWeights: effective(base), state, view: {}, result: null,
    effective, option, colourOf,
    firms: unpackEnterprises(model.firms, model.same),
    isUnranked: model.nothing.length > 0,
    near: String(Number((100 * model.near_tie).toPrecision(6))),
    chip: (j) => chip(option(j).letter, colourOf(j)),
    // What hangs on the place alone is held once for options that stand at one place.
    placeOf: (id) => model.same[id] || id,
    isNa: (j, k) => option(j).na.includes(k),
    ...createWording(model, state),
  };
}
