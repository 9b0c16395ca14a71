/** Tells the registry what was drawn, once for each opening. */

const TRIES = 5;
/** Milliseconds; an overlay that is away for less, as when OHIF exchanges what a viewport holds, was not closed. */
const BLINK = 5000;

const isLost = error => error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429;

export class Receipts {
  constructor({ registry, timers = globalThis, now = () => Date.now(), complain = (...words) => console.error(...words) }) {
    Object.assign(this, { _registry: registry, _timers: timers, _now: now, _complain: complain });
    this._seen = new Map();
  }

  /** The overlay `key` is on the screen at this moment, under these rulings. */
  drawn(key, rulings) {
    const last = this._seen.get(key);
    this._seen.set(key, this._now());
    if (last === undefined || this._now() - last > BLINK) {
      for (const decision of new Set(rulings.map(each => each.decisionId))) {
        this._send(decision, rulings.filter(each => each.decisionId === decision).map(each => each.sop));
      }
    }
  }

  async _send(decision, sops) {
    for (let number = 1; ; number++) {
      try {
        await this._registry.post('display-receipts', { decision_id: decision, sop_instance_uids: sops });
        return;
      } catch (error) {
        if (number === TRIES || isLost(error)) {
          this._complain(`The display of ${sops.join(', ')} could not be recorded: ${error.message}`);
          return;
        }
      }
      await new Promise(resolve => this._timers.setTimeout(resolve, 500 * 2 ** number));
    }
  }
}
