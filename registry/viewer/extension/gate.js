/** Lets an overlay onto the screen only while the registry permits it, and has it labelled there. */

import { instancesOf, kindOf } from './derived.js';
import { joined } from './verdicts.js';

/** Milliseconds between two looks at the screen, between two tries to renew a decision, and until an answer to a change is late. */
const [LOOK, RENEW, LATE] = [500, 3000, 2000];
const ASKING = 'The registry is asked whether this may be shown …';
const FAULT = 'The gate before AI overlays has failed. Nothing is shown until the page is loaded anew.';

export class Gate {
  /** The parts are the objects of the modules of their names; `feedOf(study, changed)` makes a feed, `passes` names kinds (docs/archive.md). */
  constructor({ screen, decisions, labels, receipts, review, feedOf, passes = [], clock, timers = globalThis }) {
    Object.assign(this, { _screen: screen, _decisions: decisions, _labels: labels, _receipts: receipts, _review: review });
    Object.assign(this, { _feedOf: feedOf, _passes: new Set(passes), _clock: clock, _timers: timers });
    this._wrapped = new WeakSet();
    this._begun = new WeakSet();
    this._loaded = new WeakSet();
    this._asking = new WeakSet();
    this._told = new WeakMap();
    this._off = new Set();
    this._feeds = new Map();
    this._renewed = new Map();
    this._soon = null;
    this._looking = false;
  }

  /** From now on nothing derived is loaded unasked, and what is drawn is looked at twice a second. */
  start(page) {
    this._screen.watchDisplaySets(displaySet => this._wrap(displaySet));
    this._screen.watchViewports(() => this._lookSoon());
    this._timers.setInterval(() => this.look(), LOOK);
    page.addEventListener('visibilitychange', () => page.visibilityState === 'visible' && this._wake());
  }

  /** Look at the screen: label what is permitted, take off what is not, and have the registry asked while anything is there. */
  look() {
    if (this._looking) return this._lookSoon();
    this._looking = true;
    try {
      this._sweep();
    } catch (error) {
      console.error('the gate could not look at the screen', error);
      this._labels.draw([{ viewport: '', key: 'fault', cover: FAULT }]);
    } finally {
      this._looking = false;
    }
  }

  _sweep() {
    const wanted = [];
    const [drawn, studies] = [new Map(), new Map()];
    for (const displaySet of new Set([...this._screen.derived(), ...this._off])) {
      this._wrap(displaySet);
      const viewports = this._screen.viewportsOf(displaySet, this._begun.has(displaySet));
      if (!viewports.length) continue;
      const { study, sops, key } = about(displaySet);
      studies.set(study, [...(studies.get(study) ?? []), ...sops]);
      const ruling = this._standing(displaySet);
      if (ruling?.permitted) {
        this._told.delete(displaySet);
        const loading = this._begun.has(displaySet) && !this._loaded.has(displaySet);
        if (ruling.parts && !loading) drawn.set(key, ruling.parts);
        const acts = this._review.acts(ruling, () => this._recheck(study));
        wanted.push(...viewports.map(viewport => ({ viewport, key, ruling, acts })));
        continue;
      }
      wanted.push(...viewports.map(viewport => ({ viewport, key, cover: ruling ? ruling.reasons.join(' ') : ASKING })));
      if (ruling) this._refuse(displaySet, ruling);
      else this._askFor(displaySet);
    }
    this._labels.draw(wanted);
    this._receipts.look(drawn);
    this._follow(studies);
  }

  _wrap(displaySet) {
    if (this._wrapped.has(displaySet) || !this._screen.isDerived(displaySet)) return;
    this._wrapped.add(displaySet);
    this._decisions.prepare(displaySet.StudyInstanceUID);
    this._review.begin();
    const load = displaySet.load;
    if (typeof load !== 'function') return;
    const gate = this;
    displaySet.load = async function (...words) {
      const ruling = await gate._ask(displaySet);
      if (!ruling.permitted) {
        const refusal = Promise.reject(new Error(ruling.reasons.join(' ')));
        displaySet.loadingPromise = refusal; // OHIF, which waits for what it would draw, waits no longer
        gate._timers.setTimeout(() => gate._refuse(displaySet, ruling), 0);
        return refusal;
      }
      gate._begun.add(displaySet);
      gate._lookSoon();
      let loaded;
      try {
        loaded = await load.apply(this, words);
      } catch (error) {
        gate._begun.delete(displaySet);
        gate._askAgain(displaySet); // the bytes may have been refused since it was decided
        throw error;
      }
      const then = await gate._ask(displaySet); // it may have been withdrawn, and taken off, while OHIF loaded it
      if (!then.permitted) {
        gate._refuse(displaySet, then);
        throw new Error(then.reasons.join(' '));
      }
      gate._loaded.add(displaySet);
      return loaded;
    };
  }

  /** What holds for a display set at this moment; null where not all of it is known. Each of its instances has to be permitted. */
  _standing(displaySet) {
    const { study, sops } = about(displaySet);
    return this._joined(displaySet, sops.map(sop => this._decisions.standing(study, sop)));
  }

  async _ask(displaySet) {
    const { study, sops } = about(displaySet);
    return this._joined(displaySet, await this._decisions.decide(study, sops));
  }

  _joined(displaySet, rulings) {
    return joined(rulings, { passes: this._passes.has(kindOf(displaySet)) });
  }

  async _askFor(displaySet) {
    if (this._asking.has(displaySet)) return;
    this._asking.add(displaySet);
    const ruling = await this._ask(displaySet);
    this._asking.delete(displaySet);
    if (ruling.permitted) this.look();
    else await this._refuse(displaySet, ruling);
  }

  async _askAgain(displaySet) {
    await this._recheck(displaySet.StudyInstanceUID);
    const ruling = await this._ask(displaySet);
    if (!ruling.permitted) this._refuse(displaySet, ruling);
  }

  /**
   * Say why, once, and take the display set off: for good where the registry decided so, else until somebody opens it again.
   *
   * What OHIF does not take off stays covered; the next try comes with the next look, so that nobody is asked without a pause.
   */
  async _refuse(displaySet, ruling) {
    const why = ruling.reasons.join(' ');
    if (this._told.get(displaySet) !== why) {
      this._told.set(displaySet, why);
      this._screen.say('AI overlay withheld', `${displaySet.SeriesDescription || displaySet.Modality}: ${why}`);
    }
    if (this._asking.has(displaySet)) return;
    this._asking.add(displaySet);
    if (ruling.final) this._off.add(displaySet); // OHIF lists it no more, and may yet draw it
    try {
      await this._screen.takeOff(displaySet, { forGood: ruling.final });
      this._begun.delete(displaySet);
      this._loaded.delete(displaySet);
      if (!ruling.final) this._told.delete(displaySet);
    } catch (error) {
      console.error('an overlay could not be taken off, and stays covered', error);
    } finally {
      this._asking.delete(displaySet);
    }
  }

  /** Have a feed for each study of which something is drawn, and no other; renew what ends soon. */
  _follow(studies) {
    for (const [study, sops] of studies) {
      if (!this._feeds.has(study)) {
        const feed = this._feedOf(study, () => this._recheck(study));
        this._feeds.set(study, feed);
        feed.ask();
      }
      const last = this._renewed.get(study);
      if (this._decisions.isAgeing(study) && !(last && this._clock.left(last) > 0)) {
        this._renewed.set(study, this._clock.after(this._clock.now(), RENEW));
        this._decisions.renew(study, sops).then(() => this.look(), () => undefined); // it holds until it ends
      }
    }
    for (const [study, feed] of this._feeds) {
      if (studies.has(study)) continue;
      feed.stop();
      this._feeds.delete(study);
    }
  }

  /** Something changed in a study: what was decided is not relied upon unless it is decided again. */
  async _recheck(study) {
    const sops = this._screen.derived().filter(each => each.StudyInstanceUID === study).flatMap(instancesOf);
    const forget = () => {
      this._decisions.forget(study, sops);
      this.look();
    };
    const late = this._timers.setTimeout(forget, LATE);
    await this._decisions.renew(study, sops).catch(forget);
    this._timers.clearTimeout(late);
    this.look();
  }

  _wake() {
    this.look();
    this._feeds.forEach(feed => feed.ask());
  }

  _lookSoon() {
    this._soon ??= this._timers.setTimeout(() => {
      this._soon = null;
      this.look();
    }, 0);
  }
}

function about(displaySet) {
  return { study: displaySet.StudyInstanceUID, sops: instancesOf(displaySet), key: displaySet.displaySetInstanceUID };
}
