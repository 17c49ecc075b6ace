// Legacy completions through the official Node SDK.

import assert from 'node:assert/strict';
import test from 'node:test';

import { client, collected, rejectsWith, STATUSES } from './client.mjs';

const { completions } = client;
const MODEL = 'gpt-3.5-turbo-instruct';

const asked = (prompt, more = {}) => ({ model: MODEL, prompt, ...more });

test('a plain answer with its usage', async () => {
  const answer = await completions.create(asked('count'));

  assert.equal(answer.object, 'text_completion');
  assert.equal(answer.choices[0].text, 'one two three four five');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.completion_tokens, 5);
});

test('a streamed answer with its usage in the last chunk', async () => {
  const request = asked('count', { stream: true, stream_options: { include_usage: true } });
  const chunks = await collected(await completions.create(request));

  const last = chunks.pop();
  const text = chunks.map((chunk) => chunk.choices[0].text).join('');
  assert.equal(text, 'one two three four five');
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  assert.equal(chunks.length > 5, true);
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, 5);
});

test('each prompt has its choices', async () => {
  const { choices } = await completions.create(asked(['count', 'anything'], { n: 2 }));

  assert.deepEqual(choices.map((choice) => choice.index), [0, 1, 2, 3]);
  assert.equal(choices[1].text, 'one two three four five');
});

test('an echoed prompt has probabilities as the answer has', async () => {
  const request = asked('count', { echo: true, logprobs: 2 });
  const [{ text, logprobs }] = (await completions.create(request)).choices;

  assert.equal(text, 'countone two three four five');
  assert.equal(logprobs.tokens.join(''), text);
  assert.equal(Object.keys(logprobs.top_logprobs.at(-1)).length, 2);
});

test('a limit and a stop sequence cut', async () => {
  const limited = (await completions.create(asked('count', { max_tokens: 2 }))).choices[0];
  const stopped = (await completions.create(asked('count', { stop: 'three' }))).choices[0];

  assert.deepEqual([limited.text, limited.finish_reason], ['one two', 'length']);
  assert.deepEqual([stopped.text, stopped.finish_reason], ['one two ', 'stop']);
});

for (const [status, kind] of STATUSES) {
  for (const stream of [false, true]) {
    test(`status ${status} is a ${kind.name}, ${stream ? 'streamed' : 'whole'}`, async () => {
      await rejectsWith(completions.create(asked(`error ${status}`, { stream })), status, kind);
    });
  }
}
