/* Elements of the page made by hand: attributes and text nodes, never markup, so that no text can run. */

const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => {
    if (name === 'text') node.textContent = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? '' : value);
  });
  node.append(...children);
  return node;
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.append(...children);
  return node;
}

/** Wrap text on its own, so that a name written from right to left cannot turn its neighbours round. */
export const bdi = (text) => el('bdi', { text });

export const paragraphs = (texts) => texts.filter(Boolean).map((text) => el('p', {}, bdi(text)));

export function table(head, rows, className) {
  const cell = (content) => (content instanceof Node ? content : bdi(content));
  const th = (content, scope) => el('th', { scope }, cell(content));
  return el('table', { class: className || 'plain' },
    el('thead', {}, el('tr', {}, ...head.map((content) => th(content, 'col')))),
    el('tbody', {}, ...rows.map(([first, ...rest]) =>
      el('tr', {}, th(first, 'row'), ...rest.map((content) => el('td', {}, cell(content)))))));
}

/** Whether the screen has room for what a phone shows folded. */
export const isWide = () => innerWidth > 900;

/** Draw the letter of an option in its colour. */
export function chip(letter, colour) {
  const place = { x: 10, y: 14.5, 'text-anchor': 'middle', 'font-size': letter.length > 2 ? 8.5 : 12, fill: '#fff' };
  return svg('svg', { viewBox: '0 0 20 20', width: 20, height: 20, 'aria-hidden': 'true', class: 'chip' },
    svg('circle', { cx: 10, cy: 10, r: 10, fill: colour }), svg('text', place, letter));
}

/** Draw a small square of a colour. */
export const swatch = (colour) => svg('svg', { viewBox: '0 0 10 10', width: 12, height: 12, 'aria-hidden': 'true' },
  svg('rect', { width: 10, height: 10, fill: colour }));
