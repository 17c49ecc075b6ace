// The Responses API through the official Node SDK.

import assert from 'node:assert/strict';
import test from 'node:test';

import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import { ask, client, collected, rejectsWith, STATUSES } from './client.mjs';

const { responses } = client;
const weatherTool = {
  type: 'function',
  name: 'get_weather',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
const Person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });

/** Return the names of events, each once where it comes several times in a row. */
function grammar(events) {
  const names = events.map((event) => event.type.replace('response.', ''));
  return names.filter((name, index) => name !== names[index - 1]);
}

test('a plain answer with its usage', async () => {
  const { data, request_id: requestId } = await responses.create(ask('count')).withResponse();

  assert.equal(data.object, 'response');
  assert.equal(data.status, 'completed');
  assert.equal(data.output_text, 'one two three four five');
  assert.equal(data.usage.output_tokens, 5);
  assert.equal(data.usage.total_tokens, data.usage.input_tokens + 5);
  assert.match(data.id, /^resp_/);
  assert.match(requestId, /^req_/);
});

test('the events of a text come in order, and are numbered', async () => {
  const events = await collected(await responses.create(ask('count', { stream: true })));

  assert.deepEqual(grammar(events), [
    'created',
    'in_progress',
    'output_item.added',
    'content_part.added',
    'output_text.delta',
    'output_text.done',
    'content_part.done',
    'output_item.done',
    'completed',
  ]);
  assert.deepEqual(
    events.map((event) => event.sequence_number),
    events.map((_, index) => index),
  );
  const deltas = events.filter((event) => event.type === 'response.output_text.delta');
  assert.equal(deltas.map((event) => event.delta).join(''), 'one two three four five');
  assert.equal(deltas.length > 5, true);
});

for (const [prompt, wanted] of [
  ['think', 'reasoning_summary_part.added reasoning_summary_text.delta'],
  ['no', 'content_part.added refusal.delta refusal.done content_part.done'],
  ['look', 'output_item.done output_item.added function_call_arguments.delta'],
]) {
  test(`the events of other parts come in order: ${prompt}`, async () => {
    const events = await collected(await responses.create(ask(prompt, { stream: true })));

    assert.equal(grammar(events).join(' ').includes(wanted), true);
  });
}

test('the stream helper puts the whole response together', async () => {
  const stream = responses.stream(ask('count'));
  const pieces = [];
  stream.on('response.output_text.delta', (event) => pieces.push(event.delta));

  const final = await stream.finalResponse();

  assert.equal(pieces.join(''), 'one two three four five');
  assert.equal(final.output_text, pieces.join(''));
  assert.equal(final.status, 'completed');
});

test('a stream may be left', async () => {
  const stream = await responses.create(ask('count', { stream: true }));
  for await (const _ of stream) break;

  assert.equal(stream.controller.signal.aborted, true);
});

for (const [prompt, cities] of [
  ['both', ['Paris', 'Rome']],
  ['look', ['Paris']],
]) {
  test(`tool calls are put together, whole and streamed: ${prompt}`, async () => {
    const request = ask(prompt, { tools: [weatherTool] });
    const whole = await responses.create(request);
    const streamed = await responses.stream(request).finalResponse();

    for (const response of [whole, streamed]) {
      const calls = response.output.filter((item) => item.type === 'function_call');
      assert.deepEqual(calls.map((call) => JSON.parse(call.arguments).city), cities);
      assert.equal(new Set(calls.map((call) => call.call_id)).size, cities.length);
    }
  });
}

test('a forced tool is called, and its result is answered', async () => {
  const forced = { tools: [weatherTool], tool_choice: 'required' };
  const first = await responses.create(ask('weather in "Bern"?', forced));
  const [call] = first.output;
  const result = { type: 'function_call_output', call_id: call.call_id, output: 'snow' };

  const second = await responses.create({
    model: 'gpt-5',
    previous_response_id: first.id,
    input: [result],
    ...forced,
  });

  assert.equal(JSON.parse(call.arguments).city, 'Bern');
  assert.equal(second.previous_response_id, first.id);
  assert.equal(second.output_text, 'The tool said snow.');
});

test('structured output is parsed, whole and streamed', async () => {
  const request = ask('anything', { text: { format: zodTextFormat(Person, 'person') } });

  const whole = (await responses.parse(request)).output_parsed;
  const streamed = (await responses.stream(request).finalResponse()).output_parsed;

  assert.deepEqual(Person.parse(whole), whole);
  assert.deepEqual(Person.parse(streamed), streamed);
});

test('arguments of a strict tool are parsed', async () => {
  const [call] = (await responses.parse(ask('look', { tools: [weatherTool] }))).output.slice(-1);

  assert.equal(call.type, 'function_call');
  assert.deepEqual(call.parsed_arguments, { city: 'Paris' });
});

test('reasoning is a summary before the text', async () => {
  const whole = await responses.create(ask('think', { reasoning: { summary: 'auto' } }));
  const streamed = await responses.stream(ask('think')).finalResponse();

  for (const response of [whole, streamed]) {
    assert.deepEqual(response.output.map((item) => item.type), ['reasoning', 'message']);
    assert.equal(response.output[0].summary[0].text, 'Let me think.');
    assert.equal(response.output_text, 'Hello.');
  }
});

test('a refusal is no text', async () => {
  const whole = await responses.parse(ask('no'));
  const streamed = await responses.stream(ask('no')).finalResponse();

  for (const response of [whole, streamed]) {
    const [part] = response.output[0].content;
    assert.deepEqual([part.type, part.refusal], ['refusal', 'I cannot help with that.']);
    assert.equal(response.output_text, '');
  }
});

test('a response that is cut is incomplete', async () => {
  const request = ask('count', { max_output_tokens: 2 });
  const whole = await responses.create(request);
  const events = await collected(await responses.create({ ...request, stream: true }));

  for (const response of [whole, events.at(-1).response]) {
    assert.equal(response.status, 'incomplete');
    assert.deepEqual(response.incomplete_details, { reason: 'max_output_tokens' });
    assert.equal(response.output[0].content[0].text, 'one two');
  }
  assert.equal(events.at(-1).type, 'response.incomplete');
});

for (const [status, kind] of STATUSES) {
  for (const stream of [false, true]) {
    test(`status ${status} is a ${kind.name}, ${stream ? 'streamed' : 'whole'}`, async () => {
      await rejectsWith(responses.create(ask(`error ${status}`, { stream })), status, kind);
    });
  }
}

test('a response is kept, listed and deleted', async () => {
  const made = await responses.create(ask('count'));

  const found = await responses.retrieve(made.id);
  const items = await collected(responses.inputItems.list(made.id));
  await responses.delete(made.id);

  assert.equal(found.output_text, 'one two three four five');
  assert.deepEqual(items.map((item) => item.content[0].text), ['count']);
  await assert.rejects(responses.retrieve(made.id), OpenAI.NotFoundError);
});

test('a kept response is streamed again, from where it was left', async () => {
  const made = await responses.create(ask('count'));

  const all = await collected(await responses.retrieve(made.id, { stream: true }));
  const rest = await collected(
    await responses.retrieve(made.id, { stream: true, starting_after: 3 }),
  );

  assert.equal(all.at(-1).type, 'response.completed');
  assert.deepEqual(rest, all.slice(4));
});

test('a response that is not to be kept is not', async () => {
  const made = await responses.create(ask('count', { store: false }));

  await assert.rejects(responses.retrieve(made.id), OpenAI.NotFoundError);
});

test('an unknown previous response is refused', async () => {
  const request = responses.create(ask('count', { previous_response_id: 'resp_none' }));

  await assert.rejects(request, (error) => {
    assert.equal(error instanceof OpenAI.BadRequestError, true);
    assert.deepEqual(
      [error.code, error.param],
      ['previous_response_not_found', 'previous_response_id'],
    );
    return true;
  });
});

test('a background response is queued, and finished when it is asked for again', async () => {
  const queued = await responses.create(ask('count', { background: true }));
  const found = await responses.retrieve(queued.id);
  const cancelled = await responses.cancel(queued.id);

  assert.deepEqual([queued.status, queued.output], ['queued', []]);
  assert.deepEqual([found.status, found.output_text], ['completed', 'one two three four five']);
  assert.equal(cancelled.status, 'completed');
});

test('a response that is no background one cannot be cancelled', async () => {
  const made = await responses.create(ask('count'));

  await assert.rejects(responses.cancel(made.id), OpenAI.BadRequestError);
});

test('input tokens are counted, and a conversation is made short', async () => {
  const counted = await responses.inputTokens.count(ask('count to five, please'));
  const compacted = await responses.compact(ask('count'));

  assert.equal(counted.object, 'response.input_tokens');
  assert.equal(counted.input_tokens > 3, true);
  assert.equal(compacted.output.at(-1).type, 'compaction');
});

test('a conversation holds what is said in it', async () => {
  const said = { type: 'message', role: 'user', content: 'I am Ann.' };
  const { id } = await client.conversations.create({ items: [said], metadata: { topic: 'a' } });
  await responses.create(ask('count', { conversation: id }));

  const items = await collected(client.conversations.items.list(id, { order: 'asc' }));

  assert.deepEqual(
    items.map((item) => [item.role, item.content[0].text]),
    [
      ['user', 'I am Ann.'],
      ['user', 'count'],
      ['assistant', 'one two three four five'],
    ],
  );
});

test('a conversation is changed and deleted, and its items too', async () => {
  const { id } = await client.conversations.create();
  const changed = await client.conversations.update(id, { metadata: { topic: 'b' } });
  const added = await client.conversations.items.create(id, {
    items: [{ type: 'message', role: 'user', content: 'Hello.' }],
  });
  const itemId = added.data[0].id;
  const item = await client.conversations.items.retrieve(itemId, { conversation_id: id });
  await client.conversations.items.delete(itemId, { conversation_id: id });
  const left = await collected(client.conversations.items.list(id));
  const gone = await client.conversations.delete(id);

  assert.deepEqual(changed.metadata, { topic: 'b' });
  assert.equal(item.content[0].text, 'Hello.');
  assert.deepEqual(left, []);
  assert.equal(gone.deleted, true);
  await assert.rejects(client.conversations.retrieve(id), OpenAI.NotFoundError);
});
