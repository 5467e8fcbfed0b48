/* Hours a year of one enterprise under each option, and which of these is best for it. */

/** List hours and hours saved by option, most saved first; `best` is today's where none saves anything. */
export function firmHours(firms, ids, today, n) {
  const now = firms.hours[n];
  const saved = ids.map((id) => (firms.saved[id] || [])[n] || 0);
  const order = ids.map((_, j) => j).sort((a, b) => saved[b] - saved[a] || a - b);
  const best = saved[order[0]] > 0 ? order[0] : today;
  return { order, best, saved, hours: saved.map((less) => (now === null ? null : now - less)) };
}
