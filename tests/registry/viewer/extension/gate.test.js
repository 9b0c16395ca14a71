/** What reaches the screen, and what leaves it. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Decisions } from '../extension/decisions.js';
import { isDerived } from '../extension/derived.js';
import { Gate } from '../extension/gate.js';
import { SOP, STUDY, decision, registry, ruling, settle, standing, timers, withhold } from './parts.js';

mock.method(console, 'error', () => {});

/** A gate before a screen that shows what its list of viewports says. `answers` may be changed at any time. */
function scene({ loads = true, passes = [] } = {}) {
  const { clock, pass } = standing();
  const answers = { 'GET studies': () => decision([ruling()]) };
  const displaySet = { Modality: 'SEG', displaySetInstanceUID: 'uid', StudyInstanceUID: STUDY, SOPInstanceUID: SOP, SOPClassUID: '1.2.840.10008.5.1.4.1.1.66.4' };
  const all = { displaySet, drawn: [], told: [], said: [], off: [], feeds: [], clock: timers(), pass, answers, labels: [] };
  if (loads) displaySet.load = async () => all.drawn.push('1');
  else all.drawn.push('1');
  const screen = {
    isDerived,
    derived: () => [displaySet],
    viewportsOf: () => [...all.drawn],
    watchDisplaySets: handle => handle(displaySet),
    watchViewports() {},
    say: (title, message) => all.said.push(message),
    takeOff: async (each, { forGood }) => {
      all.off.push(forGood);
      all.drawn.length = 0;
    },
  };
  const asked = registry(answers);
  all.asked = asked.asked;
  all.page = { visibilityState: 'visible', addEventListener: (name, act) => (all.wake = act) };
  all.gate = new Gate({
    screen,
    clock,
    passes,
    timers: all.clock,
    decisions: new Decisions({ registry: asked, clock, purpose: () => 'clinical' }),
    labels: { draw: wanted => (all.labels = wanted) },
    receipts: { look: drawn => drawn.forEach(rulings => all.told.push(rulings.map(each => each.sop))) },
    review: { begin() {}, acts: () => null },
    feedOf: (study, changed) => {
      const feed = { study, changed, asked: 0, stopped: false, ask() { this.asked++; }, stop() { this.stopped = true; } };
      all.feeds.push(feed);
      return feed;
    },
  });
  all.screen = screen;
  all.gate.start(all.page);
  return all;
}

async function opened(options) {
  const all = scene(options);
  await all.displaySet.load?.({});
  all.gate.look();
  return all;
}

const cover = all => all.labels.find(each => each.cover)?.cover;

test('what is permitted is loaded, labelled and told', async () => {
  const all = await opened();
  assert.deepEqual([all.labels[0].ruling.label, all.labels[0].viewport, all.told[0]], ['AI · LiverSeg 2.1.0 · accepted', '1', [SOP]]);
});

for (const [name, answer] of Object.entries({
  'what is withheld': () => decision([withhold()]),
  'what cannot be decided': () => Promise.reject(new Error('away')),
  'what no decision is given on': () => ({}),
})) {
  test(`${name} is not loaded, and the reason is said`, async () => {
    const all = scene();
    all.answers['GET studies'] = answer;
    await settle();
    all.pass(60_000); // what was asked at the beginning
    await assert.rejects(all.displaySet.load({}));
    await all.clock.run();
    assert.deepEqual([all.drawn.length, all.said.length], [0, 1]);
  });
}

test('what the registry withholds leaves the list, what could not be asked stays in it', async () => {
  for (const [answer, forGood] of [[() => decision([withhold()]), true], [() => Promise.reject(new Error('away')), false]]) {
    const all = await opened();
    all.answers['GET studies'] = answer;
    await all.feeds[0].changed([{ event: 'version:rejected' }]);
    await settle();
    assert.deepEqual(all.off, [forGood]);
  }
});

test('a change takes off what it withdraws, with the reason', async () => {
  const all = await opened();
  all.answers['GET studies'] = () => decision([withhold()]);
  await all.feeds[0].changed([{ event: 'version:rejected' }]);
  await settle();
  assert.deepEqual([all.drawn.length, all.said], [0, ['SEG: Rejected.']]);
});

test('it is covered before OHIF has taken it off, and stays so where OHIF cannot', async () => {
  const all = await opened();
  all.screen.takeOff = () => Promise.reject(new Error('OHIF has changed'));
  all.answers['GET studies'] = () => decision([withhold()]);
  await all.feeds[0].changed([]);
  await settle();
  all.gate.look();
  assert.equal(cover(all), 'Rejected.');
});

test('a decision that ended is asked for again behind a cover', async () => {
  const all = await opened();
  all.answers['GET studies'] = () => new Promise(() => {});
  all.pass(60_000);
  all.gate.look();
  assert.match(cover(all), /asked/);
});

test('what can no longer be asked goes when its decision ends', async () => {
  const all = await opened();
  all.answers['GET studies'] = () => Promise.reject(new Error('away'));
  all.pass(59_000);
  all.gate.look();
  await settle();
  assert.equal(all.drawn.length, 1);
  all.pass(1_000);
  all.gate.look();
  await settle();
  assert.equal(all.drawn.length, 0);
});

test('a decision is renewed while the overlay is drawn', async () => {
  const all = await opened();
  for (let seconds = 0; seconds < 300; seconds += 5) {
    all.pass(5000);
    all.gate.look();
    await settle();
  }
  assert.equal(all.drawn.length, 1);
  assert.ok(all.asked.length < 12, `${all.asked.length} questions in five minutes`);
});

test('what OHIF draws without loading is covered until it is decided', async () => {
  const all = scene({ loads: false });
  all.answers['GET studies'] = () => decision([withhold()]);
  all.gate.look();
  const first = cover(all);
  await settle();
  assert.match(first, /asked/);
  assert.deepEqual(all.off, [true]);
});

test('a display is not told before OHIF has drawn it', async () => {
  const all = scene();
  all.displaySet.load = undefined;
  let finish;
  const slow = { ...all.displaySet, load: () => new Promise(resolve => (finish = resolve)) };
  all.screen.derived = () => [slow];
  all.gate.look();
  const loading = slow.load({});
  await settle();
  all.drawn.push('1');
  all.gate.look();
  const before = all.told.length;
  finish();
  await loading;
  all.gate.look();
  assert.deepEqual([before, all.told.length], [0, 1]);
});

test('bytes that are refused after a decision have it asked for again', async () => {
  const all = scene();
  await settle();
  const refusing = { ...all.displaySet, load: () => Promise.reject(new Error('404')) };
  all.screen.derived = () => [refusing];
  all.gate.look();
  all.answers['GET studies'] = () => decision([withhold()]);
  await assert.rejects(refusing.load({}), /404/);
  await settle();
  assert.deepEqual(all.said, ['SEG: Rejected.']);
});

test('nothing is followed while nothing is drawn', async () => {
  const all = await opened();
  all.drawn.length = 0;
  all.gate.look();
  assert.deepEqual([all.feeds.length, all.feeds[0].asked, all.feeds[0].stopped], [1, 1, true]);
});

test('what is withdrawn while OHIF loads it leaves the screen when OHIF has drawn it all the same', async () => {
  const all = scene();
  let finish;
  const slow = { ...all.displaySet, load: () => new Promise(resolve => (finish = resolve)) };
  let listed = [slow];
  all.screen.derived = () => listed;
  all.gate.look();
  const loading = slow.load({});
  await settle();
  all.drawn.push('1');
  all.gate.look();
  all.answers['GET studies'] = () => decision([withhold()]);
  await all.feeds[0].changed([]);
  await settle();
  listed = []; // as after takeOff for good
  all.drawn.push('1');
  finish();
  await assert.rejects(loading, /Rejected/);
  await settle();
  assert.deepEqual([all.drawn.length, all.said.length], [0, 1]);
});

test('what OHIF draws although it was taken off for good is covered and taken off again', async () => {
  const all = await opened();
  all.answers['GET studies'] = () => decision([withhold()]);
  await all.feeds[0].changed([]);
  await settle();
  all.screen.derived = () => [];
  all.drawn.push('1');
  all.gate.look();
  assert.equal(cover(all), 'Rejected.');
  await settle();
  assert.equal(all.drawn.length, 0);
});

test('an answer to a change that is late leaves nothing on the screen meanwhile', async () => {
  const all = await opened();
  all.answers['GET studies'] = () => new Promise(() => {});
  all.feeds[0].changed([{ event: 'version:rejected' }]);
  await settle();
  await all.clock.run();
  assert.match(cover(all), /asked/);
});

test('what OHIF does not take off is neither asked about nor taken off without a pause', async () => {
  const all = await opened();
  await all.clock.run();
  let tries = 0;
  all.screen.takeOff = () => { tries++; return Promise.reject(new Error('OHIF has changed')); };
  all.answers['GET studies'] = () => Promise.reject(new Error('away'));
  all.pass(60_000);
  all.gate.look();
  const before = all.asked.length;
  for (let turn = 0; turn < 10; turn++) {
    await settle();
    await all.clock.run();
  }
  assert.deepEqual([tries, all.asked.length - before, Boolean(cover(all))], [1, 0, true]);
});

test('a page that is seen again asks at once', async () => {
  const all = await opened();
  all.wake();
  assert.equal(all.feeds[0].asked, 2);
});

test('a screen that cannot be looked at is covered', async () => {
  const all = await opened();
  all.screen.viewportsOf = () => { throw new Error('OHIF has changed'); };
  all.gate.look();
  assert.match(cover(all), /failed/);
});

test('what passes unregistered is named so, and no display of it is told', async () => {
  const all = scene({ passes: ['SEG'] });
  all.answers['GET studies'] = () => decision([withhold(SOP, 'not_registered')]);
  await settle();
  all.pass(60_000); // what was asked at the beginning
  await all.displaySet.load({});
  all.gate.look();
  assert.deepEqual([all.labels[0].ruling.label, all.told], ['Not registered · passes from the archive', []]);
});
