/** To whom a verdict is offered, and on what. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Review } from '../extension/review.js';
import { joined, readDecision } from '../extension/verdicts.js';
import { OTHER, SOP, STUDY, decision, registry, ruling, standing } from './parts.js';

const reasons = [{ code: 'BOUNDARY', meaning: 'Boundary' }];

/** Whether somebody is offered a verdict on what is drawn of these rulings. */
async function offers(overlays, answer = { may_review: true, reasons }) {
  const { clock } = standing();
  const review = new Review({ registry: registry({ 'GET rejection-reasons': () => answer }), page: null, say() {} });
  await review.begin();
  const { rulings } = readDecision(decision(overlays), { purpose: 'clinical', study: STUDY, asked: clock.now(), clock });
  return review.acts(joined([...rulings.values()]), () => {}) !== null;
}

test('a reader is offered a verdict on what is drawn', async () => assert.equal(await offers([ruling()]), true));

test('whoever may not review is offered none', async () =>
  assert.equal(await offers([ruling()], { may_review: 'yes', reasons }), false));

test('none is offered on several instances drawn as one, of which it would reach the first', async () =>
  assert.equal(await offers([ruling(SOP), ruling(OTHER)]), false));
