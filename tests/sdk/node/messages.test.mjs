// Anthropic's Messages API through the official Node SDK.

import assert from 'node:assert/strict';
import test from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';

import { collected } from './client.mjs';

const client = new Anthropic({
  baseURL: process.env.MOCKLLM_URL,
  apiKey: 'sk-ant-test',
  maxRetries: 0,
});
const { messages } = client;
const weatherTool = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const Person = z.object({ name: z.string(), age: z.number().int() });
const STATUSES = [
  [400, Anthropic.BadRequestError, 'invalid_request_error'],
  [401, Anthropic.AuthenticationError, 'authentication_error'],
  [403, Anthropic.PermissionDeniedError, 'permission_error'],
  [404, Anthropic.NotFoundError, 'not_found_error'],
  [429, Anthropic.RateLimitError, 'rate_limit_error'],
  [500, Anthropic.InternalServerError, 'api_error'],
];

/** Return the body of a request. */
function ask(prompt, more = {}) {
  const said = [{ role: 'user', content: prompt }];
  return { model: 'claude-opus-5-5', max_tokens: 1024, messages: said, ...more };
}

/** Return the names of events, each once where it comes several times in a row. */
function grammar(events) {
  const names = events.map((event) => event.type);
  return names.filter((name, index) => name !== names[index - 1]);
}

test('a plain answer with its usage', async () => {
  const { data, request_id: requestId } = await messages.create(ask('count')).withResponse();

  assert.deepEqual(data.content, [{ type: 'text', text: 'one two three four five' }]);
  assert.equal(data.stop_reason, 'end_turn');
  assert.equal(data.usage.output_tokens, 5);
  assert.match(data.id, /^msg_/);
  assert.match(requestId, /^req_/);
});

test('the events of a text come in order', async () => {
  const events = await collected(await messages.create(ask('count', { stream: true })));

  assert.deepEqual(grammar(events), [
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
});

for (const [prompt, types] of [
  ['count', ['text']],
  ['think', ['thinking', 'text']],
  ['look', ['text', 'tool_use']],
  ['both', ['tool_use', 'tool_use']],
]) {
  test(`what is streamed of "${prompt}" is put together as the whole`, async () => {
    const streamed = await messages.stream(ask(prompt)).finalMessage();
    const whole = await messages.create(ask(prompt));

    assert.deepEqual(streamed.content.map((block) => block.type), types);
    const bare = ({ id, ...block }) => block;
    assert.deepEqual(streamed.content.map(bare), whole.content.map(bare));
    assert.deepEqual(streamed.usage, whole.usage);
  });
}

test('text comes in pieces', async () => {
  const pieces = [];
  await messages
    .stream(ask('count'))
    .on('text', (piece) => pieces.push(piece))
    .finalMessage();

  assert.equal(pieces.join(''), 'one two three four five');
  assert.equal(pieces.length > 5, true);
});

test('thinking is signed', async () => {
  const { content } = await messages.create(ask('think'));

  assert.equal(content[0].thinking, 'Let me think.');
  assert.equal(content[0].signature.length > 20, true);
});

test('a forced tool is called, and its result answered', async () => {
  const choice = { type: 'tool', name: 'get_weather' };
  const called = await messages.create(
    ask('the weather in "Oslo"', { tools: [weatherTool], tool_choice: choice }),
  );
  const [call] = called.content;
  assert.deepEqual([called.stop_reason, call.name, call.input], [
    'tool_use',
    'get_weather',
    { city: 'Oslo' },
  ]);

  const result = { type: 'tool_result', tool_use_id: call.id, content: 'snow' };
  const answered = await messages.create({
    ...ask('the weather in "Oslo"', { tools: [weatherTool] }),
    messages: [
      { role: 'user', content: 'the weather in "Oslo"' },
      { role: 'assistant', content: called.content },
      { role: 'user', content: [result] },
    ],
  });
  assert.equal(answered.content[0].text, 'The tool said snow.');
});

test('a structured answer fits its schema', async () => {
  const parsed = await messages.parse(
    ask('Bob is 7', { output_config: { format: zodOutputFormat(Person) } }),
  );

  assert.deepEqual(Person.parse(parsed.parsed_output), parsed.parsed_output);
  assert.equal(parsed.parsed_output.age, 7);
});

test('a refusal is a way to stop', async () => {
  const refused = await messages.create(ask('no'));

  assert.equal(refused.stop_reason, 'refusal');
  assert.equal(refused.stop_details.explanation, 'I cannot help with that.');
});

test('what is cut says so', async () => {
  const cut = await messages.create(ask('count', { max_tokens: 2 }));
  const stopped = await messages.create(ask('count', { stop_sequences: [' three'] }));

  assert.deepEqual([cut.content[0].text, cut.stop_reason], ['one two', 'max_tokens']);
  assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', ' three']);
});

for (const stream of [false, true]) {
  for (const [status, kind, type] of STATUSES) {
    test(`status ${status} has its class (stream: ${stream})`, async () => {
      await assert.rejects(messages.create(ask(`error ${status}`, { stream })), (error) => {
        assert.equal(error instanceof kind, true);
        assert.equal(error.status, status);
        assert.equal(error.error.error.type, type);
        assert.match(error.requestID, /^req_/);
        return true;
      });
    });
  }
}

test('tokens are counted', async () => {
  const counted = await messages.countTokens({
    model: 'claude-opus-5-5',
    messages: [{ role: 'user', content: 'count' }],
  });

  assert.equal(counted.input_tokens, 1);
});

test('models are listed page by page, and retrieved', async () => {
  const listed = await collected(client.models.list({ limit: 2 }));

  assert.equal(listed.length > 2, true);
  assert.equal((await client.models.retrieve(listed[0].id)).id, listed[0].id);
});

test('the beta namespace speaks too', async () => {
  const answered = await client.beta.messages.create(ask('count', { betas: ['any-2026-01-01'] }));

  assert.equal(answered.content[0].text, 'one two three four five');
});
