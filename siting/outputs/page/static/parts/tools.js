/* The head of the page: language, print, permalink, and the words of the skeleton. */
import { byId, el } from '../dom.js';
import { roving } from '../roving.js';

const LANGUAGES = ['zh', 'en'];

export function buildTools(page) {
  LANGUAGES.forEach((lang) => byId(lang).addEventListener('click', () => {
    page.state.lang = lang;
    page.speak();
  }));
  ['print-brief', 'print', 'print-appendix'].forEach((id) => byId(id).addEventListener('click', () => {
    document.documentElement.dataset.paper = id;
    print();
    delete document.documentElement.dataset.paper;
  }));
  unfoldOnPaper(page);
  roving(byId('tools'), 'button');
  roving(byId('contents'), 'a');
  document.querySelectorAll('.skip, #contents a, #answers a').forEach((link) => link.addEventListener('click', goTo));
  byId('link').addEventListener('click', () => copyLink(page));
}

/** Go to a part of the page, and leave the address to the permalink. */
function goTo(event) {
  event.preventDefault();
  const part = byId(event.currentTarget.hash.slice(1));
  if (part.id === 'appendix') part.open = true;
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
  part.scrollIntoView();
}

/** Unfold what is printed, since paper cannot be unfolded, and fold it again afterwards. */
function unfoldOnPaper({ showAppendix }) {
  let opened = [];
  addEventListener('beforeprint', () => {
    const paper = document.documentElement.dataset.paper;
    if (paper === 'print-brief') return;
    const ofAppendix = '#appendix, #appendix details, #sources details, #concerns details';
    const wanted = paper === 'print-appendix' ? ofAppendix : '#more, #checklist details';
    opened = [...document.querySelectorAll(wanted)].filter((fold) => !fold.open);
    opened.forEach((fold) => (fold.open = true));
    showAppendix();
  });
  addEventListener('afterprint', () => opened.forEach((fold) => (fold.open = false)));
}

async function copyLink({ say }) {
  let done = 'link.fail';
  try {
    await navigator.clipboard.writeText(location.href);
    done = 'link.done';
  } catch {
    // Browsers refuse the clipboard to some local pages; the address bar holds the same link.
  }
  byId('announce').textContent = say(done);
  byId('link').textContent = say(done);
  setTimeout(() => (byId('link').textContent = say('link')), 3000);
}

export function speakSkeleton({ model, firms, state, say, own, roadFacts }) {
  document.documentElement.lang = state.lang === 'zh' ? 'zh-CN' : 'en';
  document.querySelectorAll('[data-t]').forEach((node) => (node.textContent = say(node.dataset.t, roadFacts())));
  document.title = own(model.title);
  byId('title').textContent = own(model.title);
  const blank = say('prepared.blank');
  byId('prepared').textContent = say('prepared', {
    by: model.prepared[0] || blank, on: model.prepared[1] || blank, version: model.version,
  });
  byId('subtitle').textContent = say('subtitle', { year: model.year, options: model.options.length, firms: firms.all });
  if (own(model.demo)) {
    byId('demo').replaceChildren(el('strong', { text: say('demo') }), ' ', el('span', { text: own(model.demo) }));
  }
  if (model.questions.length) {
    byId('questions').replaceChildren(...model.questions.map((pair) => el('li', { text: own(pair) })));
  }
  LANGUAGES.forEach((lang) => byId(lang).setAttribute('aria-pressed', lang === state.lang));
}
