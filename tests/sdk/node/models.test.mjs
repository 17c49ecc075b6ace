// Models through the official Node SDK.

import assert from 'node:assert/strict';
import test from 'node:test';

import { client, collected } from './client.mjs';

test('models are listed', async () => {
  const models = await collected(client.models.list());

  assert.notEqual(models.length, 0);
  assert.equal(models.every((model) => model.object === 'model'), true);
});

for (const name of ['gpt-4o', 'ft:gpt-4o:acme::1', 'org/own-model']) {
  test(`any model is retrieved and deleted: ${name}`, async () => {
    const found = await client.models.retrieve(name);
    const deleted = await client.models.delete(name);

    assert.equal(found.id, name);
    assert.deepEqual(deleted, { id: name, object: 'model', deleted: true });
  });
}
