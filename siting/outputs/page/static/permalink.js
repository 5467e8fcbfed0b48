/* State of the reader in the address: language, option, cutoff, weights. */

/** Read the state from the address; what is broken is left out. Tell whether an option was named. */
export function readHash({ model, state }) {
  const given = new URLSearchParams(location.hash.slice(1));
  const numbers = (key, length) => {
    const list = (given.get(key) || '').split(',').map(Number);
    return list.length === length && list.every((n) => Number.isFinite(n) && n >= 0) ? list : null;
  };
  if (['zh', 'en'].includes(given.get('l'))) state.lang = given.get('l');
  const site = model.options.findIndex((o) => o.id === given.get('s'));
  if (site >= 0) state.site = site;
  const cutoff = Number(given.get('c'));
  if (model.values.some((entry) => entry.cutoff === cutoff)) state.cutoff = cutoff;
  state.groups = numbers('g', model.groups.length) || state.groups;
  state.within = numbers('w', model.criteria.length) || state.within;
  return site >= 0;
}

export function writeHash({ state, option }) {
  const short = (list) => list.join(',');
  const parts = [
    'l=' + state.lang, 's=' + encodeURIComponent(option(state.site).id), 'c=' + state.cutoff,
    'g=' + short(state.groups), 'w=' + short(state.within),
  ];
  try {
    history.replaceState(null, '', '#' + parts.join('&'));
  } catch {
    // A page inside a notebook has no address of its own; it does without a permalink.
  }
}
