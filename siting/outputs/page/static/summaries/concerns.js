/* What firms and county ask for beside the score: what becomes of it, and who serves which industry. */
import { bdi, byId, el, table } from '../dom.js';
import { fold } from './elements.js';

export function speakConcerns(page) {
  const { model, say, own } = page;
  const { said, industries, services } = model.concerns;
  const marks = { s: say('concerns.sent'), x: say('concerns.not'), ' ': '' };
  const cell = (code) => marks[code] ?? say('concerns.here', { phase: code });
  const head = [say('concerns.service'), ...industries.map((n) => bdi(own(model.industries[n])))];
  const lines = services.map(([name, codes]) => [bdi(own(name)), ...[...codes].map(cell)]);
  const list = el('ul', {}, ...said.map((pair) => el('li', {}, bdi(own(pair)))));
  byId('concerns').replaceChildren(
    said.length ? fold(page, 'concerns', list) : '',
    services.length ? fold(page, 'concerns.service', table(head, lines, 'plain')) : '');
}
