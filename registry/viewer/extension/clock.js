/** Measures how much time has passed, by whichever of two clocks is further on. */

/** A computer that slept may have stopped the one clock, a person may have set the other back: neither lengthens what was granted. */
export class Clock {
  constructor(steady = () => performance.now(), wall = () => Date.now()) {
    this._steady = steady;
    this._wall = wall;
  }

  /** This moment. */
  now() {
    return { steady: this._steady(), wall: this._wall() };
  }

  /** The moment `milliseconds` after another. */
  after(moment, milliseconds) {
    return { steady: moment.steady + milliseconds, wall: moment.wall + milliseconds };
  }

  /** Milliseconds until the moment; none or fewer when it has passed. */
  left(moment) {
    const now = this.now();
    return Math.min(moment.steady - now.steady, moment.wall - now.wall);
  }
}
