/* Words of the language in use: the page's own texts, texts of users, and names of the model's things. */
import { grouped, number as written } from './core/numbers.js';
import { fill } from './core/words.js';

/** Make the functions that write; they follow `state.lang`. Texts come in pairs, Chinese first. */
export function createWording(model, state) {
  const at = () => (state.lang === 'zh' ? 0 : 1);
  const say = (key, values) => fill(model.words[key][at()], values || {});
  // A name that is the same in both languages may be sent once.
  const own = (both) => both[Math.min(at(), both.length - 1)];
  const join = (items, key) => items.join(say(key || 'joiner'));
  // A label that the table of words does not know is shown as it stands.
  const word = (key, otherwise) => (key in model.words ? say(key) : otherwise);
  const percent = (share) => say('number.share', { n: grouped(100 * share, 0) });
  const number = (value, form) => written(value, form, (key) => model.words[key][at()]);
  const nameOf = (j) => own(model.options[j].name);
  const nameById = (id) => {
    const j = model.options.findIndex((o) => o.id === id);
    return j < 0 ? id : nameOf(j);
  };
  const criterionName = (id) => own(model.criteria.find((c) => c.id === id).label);
  const conditionName = (id) => say('condition.' + id);
  const conditionsOf = (o, verdict) =>
    (model.held[o.conditions][verdict] || []).map((c) => conditionName(model.conditions[c]));

  // Of no condition at all it is not said that it is passed.
  function verdictOf(o) {
    if (o.verdict !== 'pass' || Object.keys(model.held[o.conditions]).length) return say(o.verdict);
    return say(o.has_place ? 'unrecorded' : 'unconcerned');
  }

  // What stands in the words that speak of the roads.
  function roadFacts() {
    const classes = (model.layers.roads.classes || []).map((kind) => say('road.' + kind));
    return { ...model.roads, classes: join(classes) };
  }

  return {
    say, own, join, word, percent, number, nameOf, nameById, criterionName, conditionName, conditionsOf, verdictOf,
    roadFacts,
  };
}
