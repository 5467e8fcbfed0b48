/* Leaflet as the decision page needs it: its module in the installed package, without tiles, popups, GeoJSON,
   pictures and the controls that nothing here asks for. What to leave out is named, and must be found. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const MODULE = ['js_lib_leaflet', 'static', 'js_lib_leaflet', 'leaflet-src.esm.js'];
const PURE = '/* @__PURE__ */ ';

/** Statements without use here, by how they begin; each ends at the first line that closes it. */
const UNUSED = [
  'Map.include({\n\t// @method openPopup',
  'Layer.include({\n\n\t// @method bindPopup',
  ...['Marker', 'Circle', 'CircleMarker'].map((name) => `${name}.include(PointToGeoJSON);`),
  ...['Polyline', 'Polygon', 'LayerGroup'].map((name) => `${name}.include({\n\tto`),
  'Map.addInitHook(function () {\n\tif (this.options.attributionControl)',
  "Map.addInitHook('addHandler', 'boxZoom'", "Map.addInitHook('addHandler', 'tapHold'",
  ...['Layers', 'Attribution'].map((name) => `Control.${name} =`),
  ...['layers', 'attribution'].map((name) => `control.${name} =`),
  ...['BoxZoom', 'DoubleClickZoom', 'Drag', 'Keyboard', 'ScrollWheelZoom', 'TapHold', 'TouchZoom']
    .map((name) => `Map.${name} =`),
  ...['geometryToLayer', 'coordsToLatLng', 'coordsToLatLngs', 'latLngToCoords', 'latLngsToCoords', 'getFeature',
    'asFeature'].map((name) => `GeoJSON.${name} =`),
  ...['Simple', 'EPSG3395', 'EPSG4326'].map((name) => `CRS.${name} =`),
  'Icon.Default =', 'TileLayer.WMS =', 'tileLayer.wms =', 'if (Browser.vml) {',
  // What these read of others while they are made keeps the bundler from leaving them out by itself.
  'var MarkerDrag =', 'var IconDefault =',
  'var GridLayer =', 'var Circle =', 'var Attribution =', 'var EPSG3395 =', 'var EPSG4326 =',
];

/** Find the file in the project's own environment: its place differs between systems. */
function pathOfLeaflet() {
  const places = [
    ...readdirSync(join(ROOT, '.venv')).includes('Lib') ? [join(ROOT, '.venv', 'Lib')] : [],
    ...readdirSync(join(ROOT, '.venv')).includes('lib')
      ? readdirSync(join(ROOT, '.venv', 'lib')).map((name) => join(ROOT, '.venv', 'lib', name)) : [],
  ];
  const found = places.filter((place) => readdirSync(place).includes('site-packages'));
  return join(found[0], 'site-packages', ...MODULE);
}

function without(text, start) {
  const from = text.indexOf('\n' + start) + 1;
  if (!from) throw new Error(`not in Leaflet any more: ${start}`);
  const isBlock = /[{(]\s*$/.test(text.slice(from, text.indexOf('\n', from)));
  const ends = isBlock ? ['\n});\n', '\n};\n', '\n}\n'] : [';\n'];
  const found = ends.map((end) => [text.indexOf(end, from), end.length]).filter(([at]) => at >= 0);
  const [at, size] = found.reduce((a, b) => (b[0] < a[0] ? b : a));
  return text.slice(0, from) + text.slice(at + size);
}

/** Mark every class as free of effects, so that the bundler leaves out those that nothing names. */
function leafletParts() {
  const text = readFileSync(pathOfLeaflet(), 'utf8').replaceAll('\r\n', '\n');
  const marked = text.replace(/^(\s*var \w+ = )(\w+\.extend\(|extend\(\{\}, CRS)/gm, `$1${PURE}$2`);
  // A marker asks whether it can be dragged, and for a first picture: here none can, and none has one.
  const kept = 'var MarkerDrag = null;\nvar IconDefault = Object;\n' + UNUSED.reduce(without, marked);
  return kept.replace(/^export \{.*/m, (names) => names.replace(/ (Circle|GridLayer),/g, ''));
}

/** Leave out methods that nothing in the text names, until each that is left is named by something that is. */
export function withoutUnnamed(text) {
  const code = text.replace(/\/\*[^]*?\*\/|^ *\/\/.*$/gm, '');
  // A name before a colon defines something, and names nothing.
  const named = new Set(Array.from(code.matchAll(/\b(\w+)\b(?!:)/g), ([, name]) => name));
  const kept = methodsOf(text).filter(({ name }) => !named.has(name))
    .reduceRight((left, { from, to }) => left.slice(0, from) + left.slice(to), text);
  return kept === text ? text : withoutUnnamed(kept);
}

/** Find the methods of objects, in code as the bundler writes it: a method ends where its indentation does. */
function methodsOf(text) {
  return [...text.matchAll(/^( +)(\w+): function\(.*\) \{\n/gm)].map(({ 1: indent, 2: name, index }) => {
    const end = text.slice(index).match(new RegExp(`^${indent}\\},?\n`, 'm'));
    return { name, from: index, to: index + end.index + end[0].length };
  });
}

/** Answer `import … from 'leaflet'` with these parts. */
export const leaflet = {
  name: 'leaflet',
  setup(build) {
    build.onResolve({ filter: /^leaflet$/ }, () => ({ path: 'leaflet', namespace: 'leaflet', sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: 'leaflet' }, () => ({ contents: leafletParts(), loader: 'js' }));
  },
};
