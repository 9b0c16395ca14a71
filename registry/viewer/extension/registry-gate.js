/** The extension that OHIF loads at its start: asks the overlay registry before derived content is drawn, and labels it. */

import { Clock } from './clock.js';
import { Decisions } from './decisions.js';
import { isDerived } from './derived.js';
import { Feed } from './feed.js';
import { Gate } from './gate.js';
import { Labels } from './labels.js';
import { Receipts } from './receipts.js';
import { Registry } from './registry.js';
import { Review } from './review.js';
import { Screen } from './screen.js';

const STOPPED = 'The viewer was not started: its gate before AI overlays cannot work.';

function begin({ servicesManager, extensionManager, appConfig }) {
  const settings = appConfig.registryGate ?? {};
  const screen = new Screen({ services: servicesManager.services, extensionManager, settings });
  const registry = new Registry({ root: () => screen.api(), authorization: () => screen.authorization() });
  const clock = new Clock();
  const gate = new Gate({
    screen,
    clock,
    decisions: new Decisions({ registry, clock, purpose: () => screen.purpose() }),
    labels: new Labels({ place: viewport => screen.element(viewport) }),
    receipts: new Receipts({ registry }),
    review: new Review({ registry, say: (...words) => screen.say(...words) }),
    feedOf: (study, changed) => new Feed({ registry, study, changed }),
    passes: settings.passes,
  });
  gate.start(document);
}

/** What is left when the gate cannot work: everything derived is refused. */
function refuseAll({ servicesManager }, error) {
  const { displaySetService } = servicesManager.services;
  const refuse = displaySet => {
    if (!isDerived(displaySet)) return;
    displaySet.load = () => Promise.reject(new Error(`${STOPPED} ${error.message}`));
    displaySetService.deleteDisplaySet(displaySet.displaySetInstanceUID);
  };
  displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_ADDED, ({ displaySetsAdded }) => displaySetsAdded.forEach(refuse));
}

/** The last resort: OHIF, which would run on without an extension that throws, waits for ever. */
function stop() {
  document.body.replaceChildren(document.createTextNode(STOPPED));
  return new Promise(() => {});
}

export default {
  id: 'registry-gate',
  preRegistration(ohif) {
    try {
      return begin(ohif);
    } catch (error) {
      console.error('the gate before AI overlays could not be set up', error);
      try {
        return refuseAll(ohif, error);
      } catch {
        return stop();
      }
    }
  },
};
