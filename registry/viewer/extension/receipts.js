/** Tells the registry what was drawn, once for each opening. */

const TRIES = 5;
/** An overlay that is away for less, as when OHIF exchanges what a viewport holds, was not closed: milliseconds, and looks at the screen. */
const [BLINK, LOOKS] = [5000, 8];

const isLost = error => error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429;

export class Receipts {
  constructor({ registry, timers = globalThis, now = () => Date.now(), complain = (...words) => console.error(...words) }) {
    Object.assign(this, { _registry: registry, _timers: timers, _now: now, _complain: complain });
    this._open = new Map();
  }

  /** What is on the screen at this look: the rulings of each overlay, by a key of its own. What was not there before is told. */
  look(drawn) {
    for (const [key, away] of this._open) {
      if (drawn.has(key)) continue;
      away.looks += 1;
      away.since ??= this._now();
      if (away.looks >= LOOKS && this._now() - away.since >= BLINK) this._open.delete(key);
    }
    for (const [key, rulings] of drawn) {
      if (!this._open.has(key)) this._tell(rulings);
      this._open.set(key, { looks: 0, since: null });
    }
  }

  _tell(rulings) {
    for (const decision of new Set(rulings.map(each => each.decisionId))) {
      this._send(decision, rulings.filter(each => each.decisionId === decision).map(each => each.sop));
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
