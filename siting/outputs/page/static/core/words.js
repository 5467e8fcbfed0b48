/* Templates of words, and the table of words as the page carries it. */

/** Put values in the places of a template; a value is never read as a template again. */
export const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/** List words by full key, Chinese and English: "robust" and "share" → "robust.share"; see payload.py. */
export function flattened(tree) {
  const full = (head, tail) => (tail ? head + '.' + tail : head);
  return Object.fromEntries(Object.entries(tree).flatMap(([head, words]) =>
    Object.entries(typeof words === 'string' ? { '': words } : words)
      .map(([tail, word]) => [full(head, tail), word.split('|')])));
}
