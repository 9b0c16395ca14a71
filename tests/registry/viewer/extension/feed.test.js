/** When the registry is asked what has changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Feed } from '../extension/feed.js';
import { STUDY, registry, timers } from './parts.js';

function scene(answer, random = () => 0) {
  const told = [];
  const clock = timers();
  const asked = registry({ 'GET changes': answer });
  const feed = new Feed({ registry: asked, study: STUDY, changed: changes => told.push(changes), timers: clock, random });
  return { feed, told, clock, asked: asked.asked };
}

const quiet = () => ({ changes: [], after: '7', poll_seconds: 2 });

test('the first answer asks for what was decided to be looked at again', async () => {
  const { feed, told } = scene(quiet);
  await feed.ask();
  assert.deepEqual(told, [[]]);
});

test('later ones name the position, and tell nothing while nothing changes', async () => {
  const { feed, told, clock, asked } = scene(quiet);
  await feed.ask();
  await clock.run();
  assert.deepEqual(asked.map(each => each.body), [{ study: STUDY }, { study: STUDY, after: '7' }]);
  assert.equal(told.length, 1);
});

test('a change is told', async () => {
  let changes = [];
  const { feed, told, clock } = scene(() => ({ ...quiet(), changes }));
  await feed.ask();
  changes = [{ event: 'version:rejected' }];
  await clock.run();
  assert.deepEqual(told[1], changes);
});

test('a pause is never longer than the registry wishes, and differs', async () => {
  for (const [share, pause] of [[0, 2000], [1, 1400]]) {
    const { feed, clock } = scene(quiet, () => share);
    await feed.ask();
    assert.deepEqual(clock.pauses, [pause]);
  }
});

test('where there is more it is asked for soon', async () => {
  const { feed, clock } = scene(() => ({ ...quiet(), poll_seconds: 0 }));
  await feed.ask();
  assert.ok(clock.pauses[0] <= 250);
});

for (const [name, answer] of Object.entries({
  'a failure': () => Promise.reject(Object.assign(new Error('away'), { status: 0 })),
  'what is no feed': () => ({ changes: 'none' }),
})) {
  test(`${name} tells nothing, and is followed by another question`, async () => {
    const { feed, told, clock } = scene(answer);
    await feed.ask();
    assert.deepEqual([told.length, clock.waiting.length], [0, 1]);
  });
}

test('a position that is refused is given up', async () => {
  let refuses = false;
  const { feed, clock, asked } = scene(() => (refuses ? Promise.reject(Object.assign(new Error('no'), { status: 400 })) : quiet()));
  await feed.ask();
  refuses = true;
  await clock.run();
  await clock.run();
  assert.deepEqual(asked[2].body, { study: STUDY });
});

test('after stopping nothing is asked', async () => {
  const { feed, clock, asked } = scene(quiet);
  await feed.ask();
  feed.stop();
  await clock.run();
  await feed.ask();
  assert.equal(asked.length, 1);
});
