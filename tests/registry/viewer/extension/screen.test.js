/** How something is taken off. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Screen } from '../extension/screen.js';
import { settle, timers } from './parts.js';

/** OHIF with an overlay in its viewport; `apply` lets it do what its grid was told. */
function ohif() {
  const overlay = { displaySetInstanceUID: 'overlay', Modality: 'SEG', referencedDisplaySetInstanceUID: 'images' };
  const listed = new Map([['overlay', overlay], ['images', { displaySetInstanceUID: 'images' }]]);
  const viewport = { viewportId: '1', displaySetInstanceUIDs: ['overlay'] };
  let told = [];
  const services = {
    displaySetService: {
      getActiveDisplaySets: () => [...listed.values()],
      getDisplaySetByUID: uid => listed.get(uid),
      deleteDisplaySet: uid => listed.delete(uid),
    },
    segmentationService: { removeRepresentationsFromViewport() {}, getSegmentation: () => undefined },
    viewportGridService: {
      getState: () => ({ viewports: new Map([['1', viewport]]) }),
      setDisplaySetsForViewports: async changed => (told = changed),
    },
    measurementService: { getMeasurements: () => [] },
  };
  const apply = () => told.forEach(each => Object.assign(viewport, each));
  const clock = timers();
  return { overlay, listed, viewport, apply, clock, screen: new Screen({ services, page: null, timers: clock }) };
}

test('an overlay is not deleted before its viewport shows the images', async () => {
  const { overlay, listed, viewport, apply, clock, screen } = ohif();
  const off = screen.takeOff(overlay, { forGood: true });
  await settle();
  assert.ok(listed.has('overlay'));
  apply();
  await clock.run();
  await off;
  assert.deepEqual([[...listed.keys()], viewport.displaySetInstanceUIDs], [['images'], ['images']]);
});

test('an overlay that its viewport keeps is not deleted, and that is said', async () => {
  const { overlay, listed, clock, screen } = ohif();
  const off = assert.rejects(screen.takeOff(overlay, { forGood: true }), /keeps/);
  for (let turn = 0; turn < 200; turn++) {
    await settle();
    await clock.run();
  }
  await off;
  assert.ok(listed.has('overlay'));
});
