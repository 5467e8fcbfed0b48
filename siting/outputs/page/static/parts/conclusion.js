/* The conclusion: whether building pays, who comes first, and what still stands against it. */
import { grouped } from '../core/numbers.js';
import { bdi, byId, el } from '../dom.js';
import { basis, isBase, sameCutoff, sameWeights, scoreOf } from '../facts/standing.js';

export function showConclusion(page) {
  const paragraph = (text, className) => el('p', { class: className }, bdi(text));
  byId('heads').replaceChildren(...headlines(page).map((text) => paragraph(text, 'head')));
  byId('reasons').replaceChildren(...details(page).map((text) => paragraph(text, null)));
  byId('reset').hidden = isBase(page);
  document.querySelectorAll('.basis').forEach((node) => {
    node.textContent = basis(page);
    node.classList.toggle('own', !isBase(page));
  });
}

const names = ({ join, nameOf }, options) => join(options.map(nameOf));
const npvOf = ({ model }, j) => model.economics.summary.npv_wan[j];

/** Say first whether building pays, then which option scores highest and whether it stands alone. */
function headlines(page) {
  const { result, model, say, own, nameOf } = page;
  const [first] = result.running;
  if (model.nothing.length) return model.nothing.slice(0, model.large).map(own);
  const best = isBase(page)
    ? say(model.recommended ? 'best' : 'highest')
    : say('highest.set', { basis: basis(page) });
  const values = { best, name: nameOf(first), score: scoreOf(page, first), rest: caution(page, first) };
  const whether = own(model.sure.whether);
  return [...(whether ? [whether] : worth(page)), say('conclude.lead', values)];
}

/** Say which options do as well as the first or better once drawn, or what turns it; of the study's own cutoff. */
export function caution(page, first) {
  const { result, model, say, own } = page;
  const leaders = sameCutoff(page) ? model.sure.leaders : [];
  const others = leaders.filter((j) => j !== first);
  if (leaders.includes(first) && others.length) return say('lead.even', { names: names(page, others) });
  if (others.length) {
    const [most, ...beside] = others;
    const more = beside.length ? say('lead.beside', { names: names(page, beside) }) : '';
    return say('lead.behind', { names: names(page, [most]) + more });
  }
  const tied = result.running.filter((j) => result.tie[j] && j !== first);
  if (tied.length) return say('lead.tie', { names: names(page, tied) });
  return isBase(page) ? own(model.sure.turns) : '';
}

function details(page) {
  const { result, model, say, own, nameOf, near, option } = page;
  const [first, second] = result.running;
  if (model.nothing.length) return model.nothing.slice(model.large).map(own);
  const n = result.running.length;
  const said = [second === undefined ? say('conclude.only') : say('conclude.first', {
    basis: basis(page), n, name: nameOf(first), second: nameOf(second), second_score: scoreOf(page, second),
  })];
  const tied = result.running.filter((j) => result.tie[j]);
  if (tied.length) said.push(say('conclude.tie', { names: names(page, tied), near }));
  if (own(model.sure.whether)) said.unshift(...worth(page), own(model.sure.building));
  const open = option(first).open.map((at) => own(model.open[at]));
  return [...said, ...drawn(page).map(own), ...open, ...failures(page)];
}

/** List shares of random weightings, and of drawn registers while the weights are the study's own. */
function drawn(page) {
  const { draws, registers, turning } = page.model.sure;
  if (!sameCutoff(page)) return [];
  return [...draws, ...(sameWeights(page) ? [...registers, ...turning] : [])];
}

/** Say whether the benefits of the best site cover its costs: that comes before any place. */
function worth(page) {
  const { model, result, state, say, nameOf } = page;
  const [j] = result.running;
  if (!model.economics) return [];
  const npv = npvOf(page, j);
  const values = { n: model.expansion, name: nameOf(j), account: say('account.economic') };
  if (typeof npv !== 'number') return [say('conclude.unknown', values)];
  const amount = state.lang === 'zh' ? grouped(Math.abs(npv), 0) : grouped(Math.abs(npv) / 100, 1);
  return [say(npv < 0 ? 'conclude.loss' : 'conclude.gain', { ...values, amount: say('number.amount', { n: amount }) })];
}

function failures(page) {
  const { result, say, own, option } = page;
  const failed = result.order.filter((j) => result.failed[j]);
  if (!failed.length) return [];
  const why = failed.flatMap((j) => option(j).out);
  return [say('conclude.failed', { names: names(page, failed) }), ...why.map(own)];
}
