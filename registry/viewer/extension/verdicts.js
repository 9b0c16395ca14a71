/** Reads render decisions, and takes nothing for a permission that is not one. */

export const SHOWN = new Set(['show', 'show_with_warning']);

/** An answer that is not a render decision. */
export class Malformed extends Error {}

const isText = value => typeof value === 'string' && value !== '';

function sentencesOf(reasons) {
  return (Array.isArray(reasons) ? reasons : []).map(reason => reason?.text).filter(isText);
}

/** A ruling that permits nothing. `final` says that the registry decided so; otherwise it could not be asked. */
export function withheld(sop, reasons, { final = false, codes = [] } = {}) {
  return { sop, permitted: false, final, reasons, codes, label: '', warning: '' };
}

function ruling(item, decisionId, until) {
  const reasons = sentencesOf(item.reasons);
  const codes = (Array.isArray(item.reasons) ? item.reasons : []).map(reason => reason?.code);
  if (item.verdict === 'withhold') {
    return withheld(item.sop_instance_uid, reasons.length ? reasons : ['The registry withholds it.'], { final: true, codes });
  }
  if (!SHOWN.has(item.verdict) || !isText(item.label)) {
    return withheld(item.sop_instance_uid, ['The registry gave an answer that this viewer does not understand.']);
  }
  return {
    sop: item.sop_instance_uid,
    permitted: true,
    final: true,
    reasons,
    codes,
    label: item.label,
    warning: item.verdict === 'show' ? '' : isText(item.warning) ? item.warning : 'To be shown with reserve.',
    version: item.version,
    state: item.review_state,
    sha256: item.sha256,
    decisionId,
    until,
  };
}

/**
 * The rulings of an answer by SOP Instance UID, and until when they hold.
 *
 * `asked` is a moment of the clock before the question was sent: what the answer grants counts from then, and by the registry's own
 * times, so that a browser whose calendar is wrong grants no more. Raises Malformed.
 */
export function readDecision(answer, { purpose, study = null, asked, clock }) {
  if (!answer || !Array.isArray(answer.overlays) || !isText(answer.decision_id)) throw new Malformed('no render decision');
  if (answer.purpose !== purpose || (study !== null && answer.study_instance_uid !== study)) {
    throw new Malformed('a decision on something else');
  }
  const life = Date.parse(answer.expires_at) - Date.parse(answer.evaluated_at);
  if (!(life > 0)) throw new Malformed('a decision without an end');
  const until = clock.after(asked, life);
  const rulings = new Map();
  for (const item of answer.overlays) {
    if (!isText(item?.sop_instance_uid)) throw new Malformed('a ruling on nothing');
    if (rulings.has(item.sop_instance_uid)) throw new Malformed('two rulings on one instance');
    rulings.set(item.sop_instance_uid, ruling(item, answer.decision_id, until));
  }
  return { rulings, until, life };
}

/**
 * One ruling for a display set of several instances: permitted where each is, and with the labels and warnings of all. Null where one of them (null) is not known.
 *
 * `passes` says that the registry lets objects of this kind pass from the archive unregistered: they are named so.
 */
export function joined(rulings, { passes = false } = {}) {
  if (!rulings.length || rulings.includes(null)) return null;
  const strangers = rulings.filter(each => each.codes.length === 1 && each.codes[0] === 'not_registered');
  if (passes && strangers.length === rulings.length) {
    return { ...rulings[0], permitted: true, label: 'Not registered · passes from the archive', warning: '', reasons: [] };
  }
  const refused = rulings.find(each => !each.permitted);
  if (refused) return refused;
  const [labels, warnings, reasons] = [r => r.label, r => r.warning, r => r.reasons].map(part => [...new Set(rulings.flatMap(part))]);
  const warning = warnings.filter(Boolean).join(' ');
  return { ...rulings[0], label: labels.join('; '), warning, reasons, parts: rulings };
}
