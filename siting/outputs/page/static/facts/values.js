/* Values and measured figures at the cutoff that the reader chose. */

/** Return the values of the sites, empty for what is not ranked; a cutoff sends only the columns it changes. */
export function valuesAt({ model, state }) {
  const full = model.values.find((entry) => !entry.columns);
  const entry = model.values.find((candidate) => candidate.cutoff === state.cutoff) || full;
  if (!entry.columns) return entry.table;
  return full.table.map((row, j) => {
    const copy = [...row];
    if (row.length) entry.columns.forEach((k, n) => (copy[k] = entry.table[j][n]));
    return copy;
  });
}

/** Return the radii of coverage at a cutoff: full up to the first, which never lies beyond the second. */
export const radii = ({ model }, cutoff) => ({ full: Math.min(model.full_min, cutoff), cutoff });

/** Return a measured figure: as sent, or read off the straight line of its value. */
export function rawAt({ model, state, result }, j, k) {
  const entry = model.values.find((candidate) => candidate.cutoff === state.cutoff);
  if (!entry.columns) return model.raw[j][k];
  const sent = entry.raw.find(([option, criterion]) => option === j && criterion === k);
  if (sent) return sent[2];
  const { linear, anchors } = model.criteria[k];
  const value = result.values[j][k];
  if (!linear || !entry.columns.includes(k) || !(value > 0 && value < 1)) return model.raw[j][k];
  return anchors[0] + value * (anchors[1] - anchors[0]);
}
