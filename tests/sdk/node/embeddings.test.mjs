// Embeddings through the official Node SDK, which asks for base64 and decodes it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { client, rejectsWith, STATUSES } from './client.mjs';

const MODEL = 'text-embedding-3-small';

/** Return the vectors of texts. */
async function vectors(input, more = {}) {
  const { data } = await client.embeddings.create({ model: MODEL, input, ...more });
  return data.map((each) => each.embedding);
}

const cosine = (a, b) => a.reduce((sum, number, index) => sum + number * b[index], 0);

test('a vector is a list of numbers, with its usage', async () => {
  const answer = await client.embeddings.create({ model: MODEL, input: 'a text of five tokens' });

  assert.equal(answer.object, 'list');
  const [{ embedding: vector }] = answer.data;
  assert.equal(vector.length, 1536);
  assert.equal(Math.abs(cosine(vector, vector) - 1) < 1e-3, true);
  assert.equal(answer.usage.prompt_tokens > 3, true);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens);
});

test('base64, which the SDK decodes, is the same vector as the numbers', async () => {
  const [decoded] = await vectors('one');
  const [numbers] = await vectors('one', { encoding_format: 'float' });
  const [text] = await vectors('one', { encoding_format: 'base64' });

  assert.deepEqual(decoded, numbers.map(Math.fround));
  assert.equal(typeof text, 'string');
  assert.equal(Buffer.from(text, 'base64').readFloatLE(0), Math.fround(numbers[0]));
});

test('several inputs have each a vector, in their order', async () => {
  const [one, two] = await vectors(['one', 'two']);

  assert.deepEqual([one, two], [...(await vectors('one')), ...(await vectors('two'))]);
  assert.notDeepEqual(one, two);
});

test('dimensions are as asked for', async () => {
  const [vector] = await vectors('one', { dimensions: 8 });

  assert.equal(vector.length, 8);
});

test('tokens are embedded too', async () => {
  assert.equal((await vectors([1, 2, 3])).length, 1);
  assert.equal((await vectors([[1, 2], [3]])).length, 2);
});

test('a rule says how near a text is to another', async () => {
  const [kitten, cat] = await vectors(['kitten', 'cat']);

  assert.equal(Math.abs(cosine(kitten, cat) - 0.9) < 1e-3, true);
});

for (const [status, kind] of STATUSES) {
  test(`status ${status} is a ${kind.name}`, async () => {
    await rejectsWith(vectors(`error ${status}`), status, kind);
  });
}
