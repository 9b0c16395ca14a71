/** Keeps the registry's render decisions while they hold, and asks anew when they do not. */

import { Malformed, readDecision, withheld } from './verdicts.js';

/** Share of its life that a decision still has when it is asked for again. */
const RENEWED_WITH = 0.3;

export class Decisions {
  /** `purpose` gives the purpose of the moment. */
  constructor({ registry, purpose, clock }) {
    this._registry = registry;
    this._purpose = purpose;
    this._clock = clock;
    this._studies = new Map();
    this._instances = new Map();
    this._asking = new Map();
  }

  /** The ruling on an instance that holds at this moment; null where there is none. */
  standing(study, sop) {
    const purpose = this._purpose();
    const whole = this._held(this._studies, `${purpose} ${study}`);
    const single = this._held(this._instances, `${purpose} ${sop}`);
    return whole?.rulings.get(sop) ?? single?.rulings.get(sop) ?? null;
  }

  /** Ask about a study before anything of it is opened. */
  prepare(study) {
    if (this.isAgeing(study)) this._ofStudy(study).catch(() => undefined); // whoever opens something asks again
  }

  /** The ruling on each instance, asked for where none stands. What cannot be asked is withheld: this raises nothing. */
  async decide(study, sops) {
    try {
      if (sops.some(sop => !this.standing(study, sop))) await this._ofStudy(study);
      const unnamed = sops.filter(sop => !this.standing(study, sop));
      if (unnamed.length) await this._ofInstances(unnamed);
    } catch (error) {
      return sops.map(sop => this.standing(study, sop) ?? withheld(sop, [sentence(error)]));
    }
    return sops.map(sop => this.standing(study, sop) ?? withheld(sop, ['The registry did not decide on it.']));
  }

  /** Ask anew about a study and the instances, whatever is still held. Raises where that fails; what is held is left as it is. */
  async renew(study, sops) {
    await this._ofStudy(study, { anew: true });
    const whole = this._studies.get(`${this._purpose()} ${study}`);
    const unnamed = sops.filter(sop => !whole?.rulings.has(sop));
    if (unnamed.length) await this._ofInstances(unnamed);
  }

  /** Forget what is held of a study and the instances: it may be otherwise by now. */
  forget(study, sops) {
    const purpose = this._purpose();
    this._studies.delete(`${purpose} ${study}`);
    for (const sop of sops) this._instances.delete(`${purpose} ${sop}`);
  }

  /** Whether what is held of a study ends soon. */
  isAgeing(study) {
    const held = this._studies.get(`${this._purpose()} ${study}`);
    return !held || this._clock.left(held.until) < held.life * RENEWED_WITH;
  }

  _held(kept, key) {
    const held = kept.get(key);
    if (held && this._clock.left(held.until) > 0) return held;
    kept.delete(key);
    return undefined;
  }

  /** One question a study and purpose at a time: whoever asks meanwhile waits for the same answer, unless a newer one is wanted. */
  _ofStudy(study, { anew = false } = {}) {
    const purpose = this._purpose();
    const key = `${purpose} ${study}`;
    const under = this._asking.get(key);
    if (under && !anew) return under;
    const asked = this._clock.now();
    const answer = this._registry
      .get(`studies/${encodeURIComponent(study)}/render-decisions`, { purpose })
      .then(said => {
        if (this._asking.get(key) !== answer) return this._asking.get(key); // a newer question is under way
        this._studies.set(key, readDecision(said, { purpose, study, asked, clock: this._clock }));
        return undefined;
      })
      .finally(() => {
        if (this._asking.get(key) === answer) this._asking.delete(key);
      });
    this._asking.set(key, answer);
    return answer;
  }

  async _ofInstances(sops) {
    const purpose = this._purpose();
    const asked = this._clock.now();
    const instances = sops.map(sop => ({ sop_instance_uid: sop }));
    const said = await this._registry.post('render-decisions', { purpose, instances });
    const held = readDecision(said, { purpose, asked, clock: this._clock });
    for (const sop of sops) this._instances.set(`${purpose} ${sop}`, held);
  }
}

function sentence(error) {
  if (error instanceof Malformed) return 'The registry gave an answer that this viewer does not understand.';
  return String(error?.message || 'The registry could not be asked.');
}
