/** What is taken for a permission. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Malformed, joined, readDecision } from '../extension/verdicts.js';
import { OTHER, SOP, STUDY, decision, ruling, standing, withhold } from './parts.js';

function read(said, words = {}) {
  const { clock } = standing();
  return readDecision(said, { purpose: 'clinical', study: STUDY, asked: clock.now(), clock, ...words });
}

const only = item => read(decision([item])).rulings.get(SOP);

test('a shown overlay is permitted with its label', () => {
  const { permitted, label, warning } = only(ruling());
  assert.deepEqual([permitted, label, warning], [true, 'AI · LiverSeg 2.1.0 · accepted', '']);
});

test('a warning is kept, and one that is missing is made up', () => {
  const words = { verdict: 'show_with_warning' };
  assert.equal(only(ruling(SOP, { ...words, warning: 'Newer waits.' })).warning, 'Newer waits.');
  assert.notEqual(only(ruling(SOP, words)).warning, '');
  assert.equal(typeof only(ruling(SOP, { ...words, warning: { text: 'Newer waits.' } })).warning, 'string');
});

test('what is withheld says why, and for good', () => {
  const { permitted, final, reasons } = only(withhold());
  assert.deepEqual([permitted, final, reasons], [false, true, ['Rejected.']]);
});

for (const [name, words] of Object.entries({
  'another verdict': { verdict: 'permit' },
  'no verdict': { verdict: undefined },
  'no label': { label: '' },
  'a label that is no text': { label: { text: 'AI' } },
})) {
  test(`${name} permits nothing`, () => assert.equal(only(ruling(SOP, words)).permitted, false));
}

for (const [name, said] of Object.entries({
  nothing: null,
  'a text': 'show',
  'no overlays': decision(null),
  'no identifier': decision([], { decision_id: undefined }),
  'another purpose': decision([], { purpose: 'review' }),
  'another study': decision([], { study_instance_uid: '9.9' }),
  'no end': decision([], { expires_at: undefined }),
  'an end before the beginning': decision([], { expires_at: '2026-11-20T09:00:00Z' }),
  'two rulings on one instance': decision([withhold(), ruling()]),
  'a ruling on nothing': decision([{ verdict: 'show' }]),
})) {
  test(`${name} is no decision`, () => assert.throws(() => read(said), Malformed));
}

test('several instances are permitted when each of them is', () => {
  const { rulings } = read(decision([ruling(), withhold(OTHER)]));
  assert.equal(joined([rulings.get(SOP)]).permitted, true);
  assert.equal(joined([rulings.get(SOP), rulings.get(OTHER)]).permitted, false);
  assert.equal(joined([rulings.get(SOP), null]), null);
});

test('what is drawn as one bears the labels, warnings and reasons of all, each once', () => {
  const warned = warning => ({ verdict: 'show_with_warning', label: 'AI · Other 1.0', warning });
  const all = ['1.1', '1.2', '1.3', '1.4'].map((sop, at) => ruling(sop, at < 2 ? {} : warned(`Warning ${at}.`)));
  const { label, warning, reasons } = joined([...read(decision(all)).rulings.values()]);
  assert.deepEqual([label, warning, reasons], ['AI · LiverSeg 2.1.0 · accepted; AI · Other 1.0', 'Warning 2. Warning 3.', ['Accepted.']]);
});

test('a stranger passes where its kind passes, and is named so', () => {
  const stranger = only(withhold(SOP, 'not_registered', 'Unknown.'));
  assert.equal(joined([stranger]).permitted, false);
  const passing = joined([stranger], { passes: true });
  assert.deepEqual([passing.permitted, passing.label], [true, 'Not registered · passes from the archive']);
});

test('what is registered and withheld never passes', () => {
  assert.equal(joined([only(withhold())], { passes: true }).permitted, false);
});
