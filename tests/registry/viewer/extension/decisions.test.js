/** How long a decision is relied upon, and when it is asked for. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Decisions } from '../extension/decisions.js';
import { OTHER, SOP, STUDY, decision, registry, ruling, settle, standing, withhold } from './parts.js';

function scene(answers) {
  const { clock, hands, pass } = standing();
  const asked = registry(answers);
  return { decisions: new Decisions({ registry: asked, purpose: () => 'clinical', clock }), asked: asked.asked, hands, pass };
}

const ofStudy = overlays => ({ 'GET studies': () => decision(overlays) });

test('a study is asked about once while the decision holds', async () => {
  const { decisions, asked } = scene(ofStudy([ruling()]));
  await Promise.all([decisions.decide(STUDY, [SOP]), decisions.decide(STUDY, [SOP])]);
  const [held] = await decisions.decide(STUDY, [SOP]);
  assert.deepEqual([held.permitted, asked.length], [true, 1]);
});

test('an instance that the study did not name is asked about by itself', async () => {
  const single = decision([withhold(OTHER, 'not_registered')], { study_instance_uid: null });
  const { decisions, asked } = scene({ ...ofStudy([ruling()]), 'POST render-decisions': () => single });
  const [other] = await decisions.decide(STUDY, [OTHER]);
  assert.equal(other.permitted, false);
  assert.deepEqual(asked[1].body, { purpose: 'clinical', instances: [{ sop_instance_uid: OTHER }] });
});

for (const which of ['steady', 'wall']) {
  test(`a decision ends when the ${which} clock says so`, async () => {
    const { decisions, hands } = scene(ofStudy([ruling()]));
    await decisions.decide(STUDY, [SOP]);
    hands[which] += 59_999;
    assert.equal(decisions.standing(STUDY, SOP).permitted, true);
    hands[which] += 1;
    assert.equal(decisions.standing(STUDY, SOP), null);
  });
}

test('the time that the answer took is no part of what it grants', async () => {
  const { clock, pass } = standing();
  const slow = registry({ 'GET studies': () => { pass(30_000); return decision([ruling()]); } });
  const decisions = new Decisions({ registry: slow, purpose: () => 'clinical', clock });
  await decisions.decide(STUDY, [SOP]);
  pass(30_000);
  assert.equal(decisions.standing(STUDY, SOP), null);
});

for (const [name, answer] of Object.entries({
  'a failure': () => Promise.reject(new Error('The registry does not answer.')),
  'what is no decision': () => ({ overlays: 'all' }),
})) {
  test(`${name} permits nothing, and not for good`, async () => {
    const { decisions } = scene({ 'GET studies': answer });
    const [found] = await decisions.decide(STUDY, [SOP]);
    assert.deepEqual([found.permitted, found.final], [false, false]);
  });
}

test('an answer that leaves an instance out does not permit it', async () => {
  const silent = { ...ofStudy([]), 'POST render-decisions': () => decision([], { study_instance_uid: null }) };
  const [found] = await scene(silent).decisions.decide(STUDY, [SOP]);
  assert.equal(found.permitted, false);
});

test('an older answer that comes late does not replace a newer one', async () => {
  const answers = [];
  const { decisions } = scene({ 'GET studies': () => new Promise(resolve => answers.push(resolve)) });
  const first = decisions.decide(STUDY, [SOP]);
  await settle();
  const renewed = decisions.renew(STUDY, [SOP]);
  await settle();
  answers[1](decision([withhold()]));
  await renewed;
  answers[0](decision([ruling()]));
  assert.equal((await first)[0].permitted, false);
});

test('renewing asks although a decision holds', async () => {
  let said = [ruling()];
  const { decisions } = scene({ 'GET studies': () => decision(said) });
  await decisions.decide(STUDY, [SOP]);
  said = [withhold()];
  await decisions.renew(STUDY, [SOP]);
  assert.equal(decisions.standing(STUDY, SOP).permitted, false);
});

test('a renewal that fails is said, and changes nothing', async () => {
  let fails = false;
  const { decisions } = scene({ 'GET studies': () => (fails ? Promise.reject(new Error('away')) : decision([ruling()])) });
  await decisions.decide(STUDY, [SOP]);
  fails = true;
  await assert.rejects(decisions.renew(STUDY, [SOP]), /away/);
  assert.equal(decisions.standing(STUDY, SOP).permitted, true);
});

test('what was forgotten is not relied upon', async () => {
  const { decisions } = scene(ofStudy([ruling()]));
  await decisions.decide(STUDY, [SOP]);
  decisions.forget(STUDY, [SOP]);
  assert.equal(decisions.standing(STUDY, SOP), null);
});

test('a decision is of the purpose it was asked for', async () => {
  let purpose = 'clinical';
  const { clock } = standing();
  const both = registry({ 'GET studies': words => decision([ruling()], { purpose: words.purpose }) });
  const decisions = new Decisions({ registry: both, purpose: () => purpose, clock });
  await decisions.decide(STUDY, [SOP]);
  purpose = 'review';
  assert.equal(decisions.standing(STUDY, SOP), null);
});

test('a decision is to be renewed before it ends', async () => {
  const { decisions, pass } = scene(ofStudy([ruling()]));
  await decisions.decide(STUDY, [SOP]);
  assert.equal(decisions.isAgeing(STUDY), false);
  pass(45_000);
  assert.deepEqual([decisions.isAgeing(STUDY), decisions.standing(STUDY, SOP).permitted], [true, true]);
});
