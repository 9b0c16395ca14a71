/** Offers a reader to accept or reject an overlay where it is seen. */

import { element } from './labels.js';

/** Which verdicts a version in a state can be given, as the registry's own table has it; other states take none. */
const POSSIBLE = {
  pending: ['accept', 'reject'],
  in_review: ['accept', 'reject'],
  accepted: ['reject'],
  rejected: ['accept'],
};
const WORDS = { accept: 'Accept', reject: 'Reject' };
const LONGEST_COMMENT = 2000;

export class Review {
  /** `say` tells the reader what the registry said. */
  constructor({ registry, page = document, say }) {
    Object.assign(this, { _registry: registry, _page: page, _say: say });
    this._reasons = null;
    this._begun = false;
  }

  /** Ask once whether this person may review, and with which reasons. Whoever may not is offered nothing. */
  async begin() {
    if (this._begun) return;
    this._begun = true;
    try {
      const said = await this._registry.get('rejection-reasons');
      const reasons = said.reasons.map(({ code, meaning }) => ({ code: String(code), meaning: String(meaning) }));
      this._reasons = said.may_review === true ? reasons : null;
    } catch {
      this._begun = false; // it may be answered another time
    }
  }

  /**
   * What makes the buttons for an overlay; null for whoever may not review, where the state takes no verdict, and where
   * several instances are drawn as one, for a verdict is on one. `done` is called after it.
   */
  acts(ruling, done) {
    const possible = POSSIBLE[ruling.state] ?? [];
    if (!this._reasons || !ruling.sha256 || !possible.length || ruling.parts?.length > 1) return null;
    return () => {
      const place = this._make('div', '', 'rg-acts');
      const back = () => place.replaceChildren(...possible.map(verdict => this._button(WORDS[verdict], () => open(verdict))));
      const open = verdict => {
        const form = this._form(ruling, verdict, back, done);
        place.replaceChildren(form);
        form.querySelector('select, textarea').focus();
      };
      back();
      return place;
    };
  }

  _form(ruling, verdict, back, done) {
    const form = this._make('form');
    const reason = this._make('select');
    reason.required = true;
    reason.append(this._make('option', 'Choose a reason'));
    reason.firstChild.value = '';
    for (const { code, meaning } of this._reasons) {
      const option = this._make('option', meaning);
      option.value = code;
      reason.append(option);
    }
    const comment = this._make('textarea');
    Object.assign(comment, { rows: 2, maxLength: LONGEST_COMMENT });
    if (verdict === 'reject') form.append(this._labelled('Reason', reason));
    form.append(this._labelled('Comment (if you like)', comment));
    const buttons = this._make('div', '', 'rg-acts');
    const send = this._make('button', `${WORDS[verdict]} version ${ruling.version}`);
    buttons.append(send, this._button('Cancel', back));
    form.append(buttons);
    form.addEventListener('keydown', event => event.key === 'Escape' && back());
    form.addEventListener('submit', async event => {
      event.preventDefault();
      send.disabled = true;
      const body = { decision: verdict, comment: comment.value, seen_sha256: ruling.sha256, seen_state: ruling.state };
      if (verdict === 'reject') body.reason = reason.value;
      try {
        await this._registry.post(`versions/${encodeURIComponent(ruling.sop)}/reviews`, body);
        this._say('Review recorded', `Version ${ruling.version} is ${verdict}ed.`, 'success');
      } catch (error) {
        this._say('The review was not recorded', error.message, 'error');
        send.disabled = false;
      }
      done(); // also after a refusal: the version may have changed meanwhile
    });
    return form;
  }

  _button(text, act) {
    const button = this._make('button', text);
    button.type = 'button';
    button.addEventListener('click', act);
    return button;
  }

  _labelled(text, field) {
    const label = this._make('label', text);
    label.append(field);
    return label;
  }

  _make(name, text = '', kind = '') {
    return element(this._page, name, text, kind);
  }
}
