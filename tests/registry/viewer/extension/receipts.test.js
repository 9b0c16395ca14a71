/** What is told of displays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Receipts } from '../extension/receipts.js';
import { OTHER, SOP, registry, settle, timers } from './parts.js';

function scene(answer = () => ({ recorded: 1 })) {
  const [clock, complaints, hands] = [timers(), [], { now: 0 }];
  const asked = registry({ 'POST display-receipts': answer });
  const receipts = new Receipts({ registry: asked, timers: clock, now: () => hands.now, complain: text => complaints.push(text) });
  return { receipts, clock, complaints, hands, asked: asked.asked };
}

const SHOWN = [{ sop: SOP, decisionId: 'decision-1' }];
const failing = status => () => Promise.reject(Object.assign(new Error('no'), { status }));

test('an opening is told once, however long it lasts', () => {
  const { receipts, hands, asked } = scene();
  for (hands.now = 0; hands.now < 60_000; hands.now += 500) receipts.drawn('a', SHOWN);
  assert.deepEqual(asked.map(each => each.body), [{ decision_id: 'decision-1', sop_instance_uids: [SOP] }]);
});

test('an overlay that blinks is still open, one that was away is opened anew', () => {
  const { receipts, hands, asked } = scene();
  for (hands.now of [0, 3000, 20_000]) receipts.drawn('a', SHOWN);
  assert.equal(asked.length, 2);
});

test('instances of several decisions are told by decision', () => {
  const { receipts, asked } = scene();
  receipts.drawn('a', [...SHOWN, { sop: OTHER, decisionId: 'decision-2' }]);
  assert.deepEqual(asked.map(each => each.body.sop_instance_uids), [[SOP], [OTHER]]);
});

test('a failure is tried again, and then said', async () => {
  const { receipts, clock, complaints, asked } = scene(failing(503));
  receipts.drawn('a', SHOWN);
  for (let turn = 0; turn < 6; turn++) { await settle(); await clock.run(); }
  assert.deepEqual([asked.length, complaints.length], [5, 1]);
});

test('a refusal is said at once', async () => {
  const { receipts, complaints, asked } = scene(failing(404));
  receipts.drawn('a', SHOWN);
  await settle();
  assert.deepEqual([asked.length, complaints.length], [1, 1]);
});
