/** What the extension does where it cannot work. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

mock.method(console, 'error', () => {});
const body = { text: '', replaceChildren(node) { this.text = node; } };
globalThis.document = { body, createTextNode: text => text, createElement: () => { throw new Error('no page'); } };
const { default: extension } = await import('../extension/registry-gate.js');

function ohif(services) {
  return { servicesManager: { services }, extensionManager: {}, appConfig: {} };
}

test('where the gate cannot be set up, everything derived is refused and images are not', async () => {
  const [deleted, handlers] = [[], []];
  const displaySetService = {
    EVENTS: { DISPLAY_SETS_ADDED: 'added' },
    subscribe: (event, handle) => handlers.push(handle),
    deleteDisplaySet: uid => deleted.push(uid),
  };
  await extension.preRegistration(ohif({ displaySetService }));
  const overlay = { Modality: 'SEG', displaySetInstanceUID: 'overlay', load: async () => 'drawn' };
  const image = { Modality: 'CT', displaySetInstanceUID: 'image', instances: [{ SOPClassUID: '1.2.840.10008.5.1.4.1.1.2' }] };
  handlers.forEach(handle => handle({ displaySetsAdded: [overlay, image] }));
  assert.deepEqual(deleted, ['overlay']);
  await assert.rejects(overlay.load({}));
});

test('where not even that can be done, OHIF does not go on', async () => {
  const going = extension.preRegistration(ohif({}));
  const first = await Promise.race([going.then(() => 'went on'), new Promise(resolve => setTimeout(resolve, 50, 'waits'))]);
  assert.equal(first, 'waits');
  assert.match(body.text, /not started/);
});
