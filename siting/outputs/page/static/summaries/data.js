/* Quality of the data, assumptions and sources. */
import { grouped } from '../core/numbers.js';
import { bdi, byId, el, table } from '../dom.js';
import { routeLength } from '../facts/routes.js';
import { fold, heads, unrepeated } from './elements.js';
import { parameterRows, parameterTable } from './source_panel.js';

/** Say how many ways of the road file are used; not every file tells. */
function waysRead({ model, say }) {
  const { file, kept, all } = model.roads;
  if (all === null) return '';
  const [used, of, aside] = [kept, all, all - kept].map((n) => grouped(n, 0));
  return say('data.roads', { file, kept: used, all: of, aside });
}

function snapText({ say }, [median, farthest, lost]) {
  if (median === null) return '';
  return say('data.snap', { median: grouped(median / 1000, 1), max: grouped(farthest / 1000, 1), lost });
}

function qualityTexts(page) {
  const { model, say, own, word, placeOf, roadFacts } = page;
  const { data } = model;
  const seat = model.ways.city[placeOf('county_seat')];
  const counts = ({ table: name, file, kept, all }) =>
    say('data.rows', { table: word('table.' + name, name), file, kept, all, aside: all - kept });
  return [
    own(data.basis),
    waysRead(page),
    say('data.speeds', roadFacts()),
    seat && say('data.seat', { way: routeLength(page, seat) }),
    snapText(page, data.snap),
    ...data.cut_off.map(own),
    own(data.weights),
    own(data.outdated),
    ...data.tables.map(counts),
    ...data.notices.map(own),
    say('data.issues', { n: data.issues }),
  ].filter(Boolean);
}

export function speakData(page) {
  byId('data-quality').replaceChildren(el('ul', {}, ...qualityTexts(page).map((text) => el('li', {}, bdi(text)))));
}

/** List the parameters whose name, key or source holds what is searched for; none before anything is. */
function showParameters(page) {
  const wanted = byId('parameter-search').value.trim().toLowerCase();
  const holds = ([key, , , , , , source]) =>
    [key, page.word('parameter.' + key, key), source].some((text) => text.toLowerCase().includes(wanted));
  const rows = wanted ? parameterRows(page).filter(holds) : [];
  const none = wanted ? [el('p', { text: page.say('search.none', { text: wanted }) })] : [];
  byId('parameters-found').replaceChildren(...(rows.length ? [parameterTable(page, rows)] : none));
}

export function speakSources(page) {
  const { model, say, own } = page;
  const road = model.roads.file.split(', ').pop();
  const rows = unrepeated(model.sources, own).map(([file, content, origin, licence, basis]) => [
    file, el('span', {}, bdi(content), file === road ? el('small', { text: waysRead(page) }) : ''),
    origin || say('source.none'), licence || say('number.missing'), basis && say('basis.' + basis),
  ]);
  const head = heads(page, 'sources.file', 'sources.content', 'sources.origin', 'sources.licence', 'basis');
  byId('parameter-search').oninput = () => showParameters(page);
  showParameters(page);
  const hashes = table(heads(page, 'provenance.key', 'value.short'), model.provenance);
  byId('sources').replaceChildren(
    fold(page, 'assumptions', parameterTable(page, parameterRows(page))),
    fold(page, 'sources.list', table(head, rows)), fold(page, 'provenance', hashes));
}
