/** How the registry is spoken to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Refused, Registry } from '../extension/registry.js';

function scene(answer) {
  const asked = [];
  const ask = async (address, options) => {
    asked.push({ address, options });
    return answer();
  };
  const registry = new Registry({ root: () => '/api/v1', authorization: () => ({ Authorization: 'Bearer t' }), ask });
  return { registry, asked };
}

const json = (body, status = 200) => () => new Response(JSON.stringify(body), { status });

test('each call bears the token, in its header alone', async () => {
  const { registry, asked } = scene(json({}));
  await registry.get('changes', { study: '1.2', after: '7' });
  assert.equal(asked[0].address, '/api/v1/changes?study=1.2&after=7');
  assert.equal(asked[0].options.headers.Authorization, 'Bearer t');
});

test('a refusal is told in the sentence of the registry', async () => {
  const { registry } = scene(json({ detail: 'Look at it again.', code: 'stale_view' }, 409));
  await assert.rejects(registry.post('versions/1.2/reviews', {}), { status: 409, message: 'Look at it again.' });
});

for (const [name, answer, status] of [
  ['a refusal that is no problem', () => new Response('<h1>No</h1>', { status: 502 }), 502],
  ['an answer that is no JSON', () => new Response('<h1>Yes</h1>'), 0],
  ['no answer', () => { throw new TypeError('failed'); }, 0],
]) {
  test(`${name} is refused with a sentence`, async () => {
    await assert.rejects(scene(answer).registry.get('changes'), error => error instanceof Refused && error.status === status && /\.$/.test(error.message));
  });
}
