// Chat completions through the official Node SDK.

import assert from 'node:assert/strict';
import test from 'node:test';

import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import {
  chat,
  client,
  clientAt,
  collected,
  rejectsWith,
  STATUSES,
  weatherTool,
} from './client.mjs';

const completions = client.chat.completions;

test('a plain answer with its usage', async () => {
  const { data, request_id: requestId } = await completions.create(chat('count')).withResponse();

  assert.equal(data.object, 'chat.completion');
  assert.equal(data.choices[0].message.content, 'one two three four five');
  assert.equal(data.choices[0].finish_reason, 'stop');
  assert.equal(data.usage.completion_tokens, 5);
  assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + 5);
  assert.match(requestId, /^req_/);
});

test('a streamed answer with its usage in the last chunk', async () => {
  const request = chat('count', { stream: true, stream_options: { include_usage: true } });
  const chunks = [];
  for await (const chunk of await completions.create(request)) chunks.push(chunk);

  const last = chunks.pop();
  const text = chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('');
  assert.equal(text, 'one two three four five');
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, 5);
});

test('the stream helper puts the whole answer together', async () => {
  const stream = completions.stream(chat('count'));
  const pieces = [];
  stream.on('content', (delta) => pieces.push(delta));

  const final = await stream.finalChatCompletion();

  assert.equal(pieces.join(''), 'one two three four five');
  assert.equal(final.choices[0].message.content, pieces.join(''));
});

test('a stream may be left', async () => {
  const stream = await completions.create(chat('count', { stream: true }));
  for await (const _ of stream) break;

  assert.equal(stream.controller.signal.aborted, true);
});

test('a forced tool is called with arguments of its schema', async () => {
  const choice = { type: 'function', function: { name: 'get_weather' } };
  const answer = await completions.create(
    chat('anything', { tools: [weatherTool], tool_choice: choice }),
  );

  const [call] = answer.choices[0].message.tool_calls;
  const found = JSON.parse(call.function.arguments);
  assert.equal(call.function.name, 'get_weather');
  assert.equal(typeof found.city, 'string');
  assert.equal(Number.isInteger(found.days), true);
});

for (const [prompt, content, cities] of [
  ['both', null, ['Paris', 'Rome']],
  ['look', 'Let me look.', ['Paris']],
]) {
  test(`streamed tool calls are put together: ${prompt}`, async () => {
    const request = chat(prompt, { tools: [weatherTool] });
    const whole = (await completions.create(request)).choices[0];
    const streamed = (await completions.stream(request).finalChatCompletion()).choices[0];

    for (const choice of [whole, streamed]) {
      const calls = choice.message.tool_calls;
      assert.equal(choice.finish_reason, 'tool_calls');
      assert.equal(choice.message.content, content);
      assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments).city), cities);
      assert.equal(new Set(calls.map((call) => call.id)).size, cities.length);
    }
  });
}

test('structured output is parsed', async () => {
  const Person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });
  const request = chat('anything', { response_format: zodResponseFormat(Person, 'person') });

  const whole = (await completions.parse(request)).choices[0].message.parsed;
  const streamed = (await completions.stream(request).finalChatCompletion()).choices[0].message;

  assert.deepEqual(Person.parse(whole), whole);
  assert.deepEqual(Person.parse(streamed.parsed), streamed.parsed);
});

test('a refusal is no content', async () => {
  const { message } = (await completions.parse(chat('no'))).choices[0];

  assert.equal(message.refusal, 'I cannot help with that.');
  assert.equal(message.content, null);
});

test('reasoning stands beside the content', async () => {
  const { message } = (await completions.create(chat('think'))).choices[0];
  let reasoning = '';
  let content = '';
  for await (const chunk of await completions.create(chat('think', { stream: true }))) {
    reasoning += chunk.choices[0].delta.reasoning_content ?? '';
    content += chunk.choices[0].delta.content ?? '';
  }

  assert.deepEqual([message.reasoning_content, message.content], ['Let me think.', 'Hello.']);
  assert.deepEqual([reasoning, content], ['Let me think.', 'Hello.']);
});

for (const [status, kind] of STATUSES) {
  for (const stream of [false, true]) {
    test(`status ${status} is a ${kind.name}, ${stream ? 'streamed' : 'whole'}`, async () => {
      await rejectsWith(completions.create(chat(`error ${status}`, { stream })), status, kind);
    });
  }
}

test('a rate limit says when to come again', async () => {
  await assert.rejects(completions.create(chat('retry later')), (error) => {
    assert.equal(error.headers.get('retry-after'), '2');
    return true;
  });
});

for (const prefix of ['', '/v1', '/openai/v1', '/api/v1', '/s/one/v1']) {
  test(`base URL '${prefix}' will do`, async () => {
    const answer = await clientAt(prefix).chat.completions.create(chat('count'));

    assert.equal(answer.choices[0].message.content, 'one two three four five');
  });
}

test('a doubled /v1 is named', async () => {
  await assert.rejects(
    clientAt('/v1/v1').chat.completions.create(chat('count')),
    /the base URL already ends in \/v1/,
  );
});

test('several choices, whole and streamed', async () => {
  const whole = await completions.create(chat('count', { n: 3 }));
  const streamed = await completions.stream(chat('count', { n: 3 })).finalChatCompletion();

  for (const answer of [whole, streamed]) {
    assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1, 2]);
    assert.equal(answer.choices[2].message.content, 'one two three four five');
  }
});

test('probabilities are streamed with their tokens', async () => {
  const request = chat('count', { logprobs: true, top_logprobs: 2 });
  const chunks = await collected(await completions.create({ ...request, stream: true }));
  const final = await completions.stream(request).finalChatCompletion();

  const told = chunks.flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []);
  assert.equal(told.map((each) => each.token).join(''), 'one two three four five');
  assert.equal(told.every((each) => each.top_logprobs.length === 2), true);
  assert.deepEqual(final.choices[0].logprobs.content, told);
});

test('a function is called by those who know no tools', async () => {
  const request = chat('look', { functions: [weatherTool.function] });
  const [whole] = (await completions.create(request)).choices;
  const chunks = await collected(await completions.create({ ...request, stream: true }));

  const streamed = chunks.map((chunk) => chunk.choices[0].delta.function_call?.arguments ?? '');
  assert.equal(whole.finish_reason, 'function_call');
  assert.equal(whole.message.function_call.name, 'get_weather');
  assert.equal(streamed.join(''), whole.message.function_call.arguments);
});

test('stored completions are listed, read, changed and deleted', async () => {
  const { id } = await completions.create(chat('count', { store: true, metadata: { job: 'a' } }));
  const listed = await collected(completions.list({ metadata: { job: 'a' } }));
  const messages = await collected(completions.messages.list(id));
  const changed = await completions.update(id, { metadata: { job: 'b' } });
  const gone = await completions.delete(id);

  assert.deepEqual(listed.map((each) => each.id), [id]);
  assert.deepEqual(messages.map((each) => each.content), ['count']);
  assert.deepEqual(changed.metadata, { job: 'b' });
  assert.equal(gone.deleted, true);
  await assert.rejects(completions.retrieve(id), OpenAI.NotFoundError);
});
