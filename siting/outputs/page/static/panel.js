/* The live panel: reads the data block, builds the parts, and keeps them in step with weights, cutoff, chosen
   option and language. Text of users is only ever set as text. */
import { assess } from './core/scoring.js';
import { byId } from './dom.js';
import { buildTornado, showTornado, speakTornado } from './figures/tornado.js';
import { buildTownships, showTownships, speakTownships } from './figures/township_maps.js';
import { buildTriangle, showTriangle, speakTriangle } from './figures/triangle.js';
import { buildMap } from './map/map.js';
import { showOverlays } from './map/overlays.js';
import { showRanks } from './map/sites.js';
import { createPage } from './page.js';
import { buildBars, showBars } from './parts/bars.js';
import { showConclusion } from './parts/conclusion.js';
import { buildGains, showFirmCard, showGains, speakGains } from './parts/gains.js';
import { showLegend } from './parts/legend.js';
import { buildMapTools, speakFigure, speakMap } from './parts/map_tools.js';
import { showNeeds } from './parts/needs.js';
import { showTable } from './parts/score_table.js';
import { buildSliders, isDragged, showSliders, speakSliders } from './parts/sliders.js';
import { buildTools, speakSkeleton } from './parts/tools.js';
import { buildViewpoints, showViewpoints, speakViewpoints } from './parts/viewpoints.js';
import { showWhy } from './parts/why.js';
import { readHash, writeHash } from './permalink.js';
import { buildAnswers, showAnswers, speakAnswers } from './questions/answers.js';
import { showTown } from './questions/towns.js';
import { buildWorth, showWorth } from './questions/worth.js';
import { speakConcerns } from './summaries/concerns.js';
import { speakData, speakSources } from './summaries/data.js';
import { speakEconomics } from './summaries/economics.js';
import { speakChecklist, speakOptions } from './summaries/options.js';
import { buildSourcePanel } from './summaries/source_panel.js';
import { watchWidth } from './summaries/elements.js';
import { speakRobustness } from './summaries/robustness.js';
import { showRanges } from './summaries/shares.js';
import { speakWinners } from './summaries/winners.js';
import { describe } from './facts/standing.js';
import { valuesAt } from './facts/values.js';

const BUILT = [
  buildSourcePanel, buildAnswers, buildWorth, buildTornado, buildTownships, buildGains, buildBars, buildSliders,
  buildViewpoints, buildTriangle,
];
const WITH_WEIGHTS = [
  showBars, showSliders, showViewpoints, showWhy, showConclusion, showRanges,
  showRanks, showAnswers, showTown, showWorth, showTriangle, showTornado, showTownships, showFirmCard,
];
const IN_APPENDIX = [showNeeds, showTable];
const WITH_OPTION = [showOverlays, showLegend, showGains];
const WITH_LANGUAGE = [
  speakSkeleton, speakSliders, speakViewpoints, speakTriangle, speakTornado, speakTownships, speakGains, speakMap,
  speakFigure, speakWinners, speakRobustness, speakEconomics, speakChecklist, speakAnswers, speakOptions, speakConcerns,
  speakData, speakSources,
];

const page = createPage(JSON.parse(byId('data').textContent));
const each = (steps) => steps.forEach((step) => step(page));

function assessNow() {
  page.result = assess(page.model, valuesAt(page), page.state.groups, page.state.within);
  // Without demand the order by score would be one of costs alone.
  if (page.isUnranked) page.result.order.sort((a, b) => a - b);
}

// Whether the appendix shows weights of before: nobody sees it while it is closed.
let isBehind = false;

/** Let the appendix follow the weights too, once it is open. */
function showAppendix() {
  if (!isBehind || !byId('appendix').open) return;
  each(IN_APPENDIX);
  isBehind = false;
}

/** Show what follows the weights. */
function update() {
  assessNow();
  each(WITH_WEIGHTS);
  isBehind = true;
  showAppendix();
  if (!isDragged()) writeHash(page);
  const [first] = page.result.running;
  if (first !== undefined && !page.isUnranked) byId('announce').textContent = describe(page, first);
}

/** Show what follows the chosen option and the cutoff. */
function showOption() {
  each(WITH_OPTION);
}

function choose(j) {
  page.state.site = j;
  update();
  showOption();
}

/** Write all words anew: on opening and when the language changes. */
function speak() {
  each(WITH_LANGUAGE);
  update();
  // A search of the browser finds what is folded.
  each(IN_APPENDIX);
  showOption();
}

function start() {
  document.documentElement.classList.add('scripted');
  byId('more').open = false;
  Object.assign(page, { update, showAppendix, showOption, choose, speak });
  const chosen = readHash(page);
  assessNow();
  if (!chosen) [page.state.site = 0] = page.result.order;
  each(BUILT);
  buildMap(page, byId('map'));
  buildMapTools(page);
  buildTools(page);
  speak();
  document.querySelectorAll('main .wide').forEach(watchWidth);
  byId('appendix').addEventListener('toggle', showAppendix);
  addEventListener('hashchange', () => {
    readHash(page);
    speak();
  });
  page.view.map.map.invalidateSize({ animate: false });
  page.view.map.fit();
}

start();
