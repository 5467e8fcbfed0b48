import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, multiple, number, points } from '#page/core/numbers.js';
import { fill, flattened } from '#page/core/words.js';
import { cases } from './cases.mjs';

test('numbers are written as in Python', () => {
  const { written, points: asPoints } = cases.numbers;
  assert.equal(written.length, 2040);
  written.forEach(({ value, form, lang, text }) =>
    assert.equal(number(value, form, (key) => cases.sentences[lang][key]), text));
  asPoints.forEach(([value, text]) => assert.equal(points(value), text));
});

test('missing and unreachable are words of their own', () => {
  const word = (key) => cases.sentences.zh[key];
  assert.equal(number(null, 'wan', word), word('number.missing'));
  assert.equal(number('inf', 'minutes', word), word('number.unreachable'));
});

test('a negative number that prints as zero has no sign', () => {
  assert.equal(grouped(-0.04, 1), '0.0');
  assert.deepEqual([2.486, 0.0249, 1.04, 1].map(multiple), ['2.5', '0.02', '1.04', '1.0']);
  assert.equal(grouped(-1234.5, 1), '−1,234.5');
});

test('a value in a template is never a template again', () => {
  assert.equal(fill('{a}, {b}', { a: '{b}', b: '$& $1' }), '{b}, $& $1');
  assert.equal(fill('{n} of {n}', { n: 0 }), '0 of 0');
  assert.equal(fill('none', {}), 'none');
});

test('words come back under their full keys, Chinese and English', () => {
  const found = flattened(cases.words);
  const keys = Object.keys(found);
  assert.ok(keys.length > 200);
  const { zh, en } = cases.sentences;
  keys.forEach((key) => assert.equal(found[key].length, 2, key));
  const same = keys.filter((key) => found[key][0] === zh[key] && found[key][1] === en[key]);
  // The rest speaks of the roads of this study, or names its criteria.
  assert.ok(same.length > 0.9 * keys.length);
  assert.deepEqual(found['robust.quick'], [zh['robust.quick'], en['robust.quick']]);
});
