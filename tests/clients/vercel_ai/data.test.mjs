// Data of a schema, whole and streamed.

globalThis.AI_SDK_LOG_WARNINGS = false; // of generateObject, which is old, and of what Anthropic lacks

import assert from 'node:assert/strict';
import test from 'node:test';

import { NoObjectGeneratedError, Output, generateObject, generateText, streamText } from 'ai';
import { z } from 'zod';

import { models } from './models.mjs';

const Person = z.object({ name: z.string(), age: z.number().int() });
const ANN = { name: 'Ann', age: 30 };
const prompt = 'Describe Ann.';

for (const [name, model] of Object.entries(models)) {
  test(`${name}: an object`, async () => {
    const said = await generateText({ model, prompt, output: Output.object({ schema: Person }) });

    assert.deepEqual(said.output, ANN);
  });

  test(`${name}: an object in a stream`, async () => {
    const output = Output.object({ schema: Person });
    const stream = streamText({ model, prompt, output });
    const partial = [];
    for await (const each of stream.partialOutputStream) partial.push(each);

    assert.equal(partial.length > 1, true);
    assert.deepEqual(partial.at(-1), ANN);
    assert.deepEqual(await stream.output, ANN);
  });

  test(`${name}: generateObject`, async () => {
    const { object } = await generateObject({ model, prompt, schema: Person });

    assert.deepEqual(object, ANN);
  });

  test(`${name}: an object that no rule gives is one of the schema`, async () => {
    const said = await generateText({
      model,
      prompt: 'Invent somebody.',
      output: Output.object({
        schema: Person.extend({ tags: z.array(z.string()), kind: z.enum(['one', 'other']) }),
      }),
    });

    assert.equal(typeof said.output.name, 'string');
  });

  test(`${name}: an array and a choice`, async () => {
    const array = Output.array({ element: Person });
    const choice = Output.choice({ options: ['sunny', 'rainy'] });
    const people = await generateText({ model, prompt: 'Invent some people.', output: array });
    const weather = await generateText({ model, prompt: 'Choose.', output: choice });

    assert.equal(Array.isArray(people.output), true);
    assert.equal(['sunny', 'rainy'].includes(weather.output), true);
  });

  test(`${name}: any JSON`, async () => {
    const said = await generateText({ model, prompt, output: Output.json() });

    assert.deepEqual(said.output, ANN);
  });

  test(`${name}: an answer of another shape`, async () => {
    const output = Output.object({ schema: Person });

    await assert.rejects(
      async () => (await generateText({ model, prompt: 'Say hello.', output })).output,
      NoObjectGeneratedError.isInstance,
    );
  });
}
