// Moderations through the official Node SDK.

import assert from 'node:assert/strict';
import test from 'node:test';

import { client, rejectsWith, STATUSES } from './client.mjs';

/** Return what is thought of something. */
async function results(input) {
  return (await client.moderations.create({ model: 'omni-moderation-latest', input })).results;
}

test('nothing is flagged without a rule', async () => {
  const [found] = await results('a nice day');

  assert.equal(found.flagged, false);
  assert.equal(Object.values(found.categories).some(Boolean), false);
  assert.equal(Math.max(...Object.values(found.category_scores)) < 0.1, true);
});

test('a rule flags a category', async () => {
  const [found] = await results('an attack');

  assert.equal(found.flagged, true);
  assert.equal(found.categories.violence, true);
  assert.equal(found.category_scores.violence > 0.5, true);
  assert.deepEqual(found.category_applied_input_types.violence, ['text']);
});

test('several texts are judged each by itself', async () => {
  const flagged = (await results(['a nice day', 'an attack'])).map((each) => each.flagged);

  assert.deepEqual(flagged, [false, true]);
});

test('a text and an image are judged together', async () => {
  const url = 'data:image/png;base64,iVBORw0KGgo=';
  const found = await results([
    { type: 'text', text: 'an attack' },
    { type: 'image_url', image_url: { url } },
  ]);

  assert.equal(found.length, 1);
  assert.deepEqual(found[0].category_applied_input_types.violence, ['text', 'image']);
});

for (const [status, kind] of STATUSES) {
  test(`status ${status} is a ${kind.name}`, async () => {
    await rejectsWith(results(`error ${status}`), status, kind);
  });
}
