/* One tab stop for a group of buttons: arrows, Home and End move within, and the place is kept. */

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const isShown = (node) => !node.disabled && node.getClientRects().length > 0;
const itemsOf = (group, selector) => [...group.querySelectorAll(selector)].filter(isShown);

function target(items, now, key) {
  if (key === 'Home') return items[0];
  if (key === 'End') return items[items.length - 1];
  return items[(items.indexOf(now) + STEPS[key] + items.length) % items.length];
}

/** Make the items that match a group's one tab stop; call it again once its items are others. */
export function roving(group, selector) {
  if (!group.dataset.roving) {
    group.dataset.roving = selector;
    group.addEventListener('keydown', (event) => {
      const now = event.target.closest(selector);
      if (!now || !(event.key in STEPS || event.key === 'Home' || event.key === 'End')) return;
      event.preventDefault();
      event.stopPropagation();
      target(itemsOf(group, selector), now, event.key).focus();
    });
    group.addEventListener('focusin', (event) => {
      const now = event.target.closest(selector);
      if (now) settle(group, selector, now);
    });
  }
  const pressed = group.querySelector(`${selector}[aria-pressed=true]`);
  const before = [...group.querySelectorAll(selector)].find((node) => node.tabIndex === 0 && node.dataset.stop);
  settle(group, selector, before || pressed || group.querySelector(selector));
}

function settle(group, selector, stop) {
  group.querySelectorAll(selector).forEach((node) => {
    node.tabIndex = node === stop ? 0 : -1;
    if (node === stop) node.dataset.stop = 'yes';
    else delete node.dataset.stop;
  });
}
