/* How sure the ranking is. */
import { grouped, points } from '../core/numbers.js';
import { byId, el, paragraphs } from '../dom.js';
import { leftOut } from '../facts/standing.js';
import { agreementTexts, flipText, influenceTexts, methodTexts, structureTexts } from './findings.js';
import { noteOf } from './elements.js';
import { registerTable, shareTable } from './shares.js';

const FLIPS = 6;

export function speakRobustness(page) {
  const { model, say } = page;
  const sure = model.robustness;
  byId('robust').replaceChildren();
  if (!sure) return;
  byId('robust').append(
    shareTable(page, sure), registerTable(page, sure),
    ...paragraphs([
      ...drawTexts(page, sure), ...agreementTexts(page, sure), ...methodTexts(page, sure),
      ...influenceTexts(page, sure), ...sure.survey.map(page.own),
      ...sure.flips.slice(0, FLIPS).map((flip) => flipText(page, flip)),
      sure.regret && regretText(page, sure.regret),
      ...structureTexts(page, sure),
    ]),
    el('p', { class: 'note', text: say('robust.base', { cutoff: model.cutoff }) }), ...noteOf(leftOut(page)),
    sure.quick ? el('p', { class: 'note', text: say('robust.quick') }) : '');
}

function drawTexts({ say, join, nameById }, sure) {
  const error = say('number.share', { n: grouped(100 * sure.error, 1) });
  return [
    say('robust.draws', { draws: grouped(sure.draws, 0), error }),
    sure.never.length && say('robust.never', { names: join(sure.never.map(nameById)) }),
  ];
}

function regretText({ say, nameById }, { minimax, largest }) {
  return say('robust.regret', { name: nameById(minimax), points: points(largest) });
}
