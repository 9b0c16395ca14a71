/** What several tests of the extension lean on: a clock and timers that stand still, a registry that says what it is told to. */

import { Clock } from '../extension/clock.js';

export const [STUDY, SOP, OTHER] = ['1.2.3', '1.2.3.4', '1.2.3.5'];

/** Two clocks that are moved by hand, and the Clock on them. */
export function standing() {
  const hands = { steady: 0, wall: 1_000_000 };
  const clock = new Clock(() => hands.steady, () => hands.wall);
  const pass = milliseconds => Object.assign(hands, { steady: hands.steady + milliseconds, wall: hands.wall + milliseconds });
  return { hands, clock, pass };
}

/** Timers that run when they are told to; the pauses that were asked for. */
export function timers() {
  const waiting = [];
  return {
    pauses: [],
    setTimeout(act, pause) {
      waiting.push(act);
      this.pauses.push(pause);
      return act;
    },
    clearTimeout(act) {
      if (waiting.includes(act)) waiting.splice(waiting.indexOf(act), 1);
    },
    setInterval() {},
    /** Run what waits, and what follows from it. */
    async run() {
      for (const act of waiting.splice(0)) await act();
      await settle();
    },
    waiting,
  };
}

/** Let everything that was promised happen. */
export async function settle() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** A registry whose answers come from functions by method and first word of the path; it notes what it was asked. */
export function registry(answers) {
  const asked = [];
  const call = (method, path, body) => {
    asked.push({ method, path, body });
    const answer = answers[`${method} ${path.split('/')[0]}`];
    return Promise.resolve().then(() => (answer ? answer(body, path) : Promise.reject(new Error(`nobody answers ${path}`))));
  };
  return { asked, get: (path, words) => call('GET', path, words), post: (path, body) => call('POST', path, body) };
}

/** A ruling as the registry writes it. */
export function ruling(sop = SOP, words = {}) {
  return {
    sop_instance_uid: sop,
    verdict: 'show',
    label: 'AI · LiverSeg 2.1.0 · accepted',
    warning: null,
    reasons: [{ code: 'accepted', text: 'Accepted.' }],
    version: 1,
    review_state: 'accepted',
    sha256: 'a'.repeat(64),
    ...words,
  };
}

export const withhold = (sop = SOP, code = 'rejected', text = 'Rejected.') =>
  ruling(sop, { verdict: 'withhold', reasons: [{ code, text }] });

/** A decision as the registry writes it, of sixty seconds. */
export function decision(overlays, words = {}) {
  return {
    decision_id: 'decision-1',
    purpose: 'clinical',
    study_instance_uid: STUDY,
    evaluated_at: '2026-11-20T10:00:00Z',
    expires_at: '2026-11-20T10:01:00Z',
    overlays,
    ...words,
  };
}
