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

const there = new Map([['a', SHOWN]]);

/** Look at the screen twice a second until this moment. */
function look(scene, until, drawn) {
  for (; scene.hands.now < until; scene.hands.now += 500) scene.receipts.look(drawn);
}

test('an opening is told once, however long it lasts', () => {
  const all = scene();
  look(all, 60_000, there);
  assert.deepEqual(all.asked.map(each => each.body), [{ decision_id: 'decision-1', sop_instance_uids: [SOP] }]);
});

for (const [name, away, told] of [['an overlay that blinks is still open', 3000, 1], ['one that was away is opened anew', 8000, 2]]) {
  test(name, () => {
    const all = scene();
    look(all, 2000, there);
    look(all, 2000 + away, new Map());
    look(all, 20_000, there);
    assert.equal(all.asked.length, told);
  });
}

test('a browser that had no time to look has closed nothing', () => {
  const all = scene();
  look(all, 2000, there);
  look(all, 2500, new Map());
  all.hands.now = 60_000;
  all.receipts.look(there);
  assert.equal(all.asked.length, 1);
});

test('instances of several decisions are told by decision', () => {
  const { receipts, asked } = scene();
  receipts.look(new Map([['a', [...SHOWN, { sop: OTHER, decisionId: 'decision-2' }]]]));
  assert.deepEqual(asked.map(each => each.body.sop_instance_uids), [[SOP], [OTHER]]);
});

test('a failure is tried again, and then said', async () => {
  const { receipts, clock, complaints, asked } = scene(failing(503));
  receipts.look(there);
  for (let turn = 0; turn < 6; turn++) { await settle(); await clock.run(); }
  assert.deepEqual([asked.length, complaints.length], [5, 1]);
});

test('a refusal is said at once', async () => {
  const { receipts, complaints, asked } = scene(failing(404));
  receipts.look(there);
  await settle();
  assert.deepEqual([asked.length, complaints.length], [1, 1]);
});
