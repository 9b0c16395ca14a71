/** Asks the registry every few seconds what has changed in a study. */

/** Seconds between two questions: the bounds of what the registry wishes, and what holds where it wishes nothing. */
const [LEAST, MOST, OTHERWISE] = [0.25, 30, 2];
/** Share by which a pause may be shorter, so that many viewers do not ask at the same moment. It is never longer than wished. */
const JITTER = 0.3;

export class Feed {
  /**
   * `changed` is called with the changes, and once at the beginning with none: what was decided before the first position was known
   * may be out of date. `timers` has setTimeout and clearTimeout, `random` gives numbers from 0 to 1.
   */
  constructor({ registry, study, changed, timers = globalThis, random = Math.random }) {
    Object.assign(this, { _registry: registry, _study: study, _changed: changed, _timers: timers, _random: random });
    this._after = null;
    this._timer = null;
    this._asking = false;
    this._stopped = false;
  }

  /** Ask now, and from now on. */
  async ask() {
    if (this._stopped || this._asking) return;
    this._timers.clearTimeout(this._timer);
    this._asking = true;
    let seconds = OTHERWISE;
    try {
      const words = { study: this._study, ...(this._after === null ? {} : { after: this._after }) };
      const said = await this._registry.get('changes', words);
      if (!Array.isArray(said.changes) || !['string', 'number'].includes(typeof said.after)) throw new Error('no feed');
      const first = this._after === null;
      this._after = said.after;
      seconds = Number.isFinite(said.poll_seconds) ? said.poll_seconds : OTHERWISE; // 0: there is more
      if (!this._stopped && (first || said.changes.length)) this._changed(said.changes);
    } catch (error) {
      if (error.status >= 400 && error.status < 500) this._after = null; // the position is of no use any more: begin anew
    } finally {
      this._asking = false;
    }
    if (!this._stopped) this._timer = this._timers.setTimeout(() => this.ask(), this._pause(seconds));
  }

  /** Ask no more. */
  stop() {
    this._stopped = true;
    this._timers.clearTimeout(this._timer);
  }

  _pause(seconds) {
    const bounded = Math.min(Math.max(seconds, LEAST), MOST);
    return 1000 * bounded * (1 - JITTER * this._random());
  }
}
