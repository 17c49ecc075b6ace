// Forced tools, parallel calls, and loops to their end.

import assert from 'node:assert/strict';
import test from 'node:test';

import { ToolLoopAgent, generateText, hasToolCall, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';

import { models } from './models.mjs';

const get_weather = tool({
  description: 'Tell the weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const LOOPS = [
  ['What is the weather in Paris?', 'It is sunny in Paris.', ['Paris']],
  ['And in Paris and Rome?', 'It is sunny in both.', ['Paris', 'Rome']],
];
const stopWhen = isStepCount(5);

for (const [name, model] of Object.entries(models)) {
  test(`${name}: a forced tool`, async () => {
    for (const toolChoice of ['required', { type: 'tool', toolName: 'get_weather' }]) {
      const said = await generateText({
        model,
        prompt: 'Whatever.',
        tools: { get_weather },
        toolChoice,
      });

      assert.deepEqual(said.toolCalls.map((call) => call.toolName), ['get_weather']);
      assert.equal(typeof said.toolCalls[0].input.city, 'string');
      assert.equal(said.finishReason, 'tool-calls');
    }
  });

  for (const [prompt, answer, cities] of LOOPS) {
    const wanted = cities.map((city) => [{ city }, `sunny in ${city}`]);

    test(`${name}: a loop to its end: ${prompt}`, async () => {
      const said = await generateText({ model, prompt, tools: { get_weather }, stopWhen });

      const [first, last] = said.steps;
      assert.equal(said.text, answer);
      assert.equal(said.steps.length, 2);
      assert.deepEqual([first.finishReason, last.finishReason], ['tool-calls', 'stop']);
      assert.deepEqual(last.warnings, []);
      assert.deepEqual(first.toolResults.map(({ input, output }) => [input, output]), wanted);
    });

    test(`${name}: a streamed loop to its end: ${prompt}`, async () => {
      const stream = streamText({ model, prompt, tools: { get_weather }, stopWhen });
      const deltas = {};
      for await (const part of stream.stream) {
        if (part.type === 'tool-input-delta') deltas[part.id] = (deltas[part.id] ?? '') + part.delta;
      }

      const [first] = await stream.steps;
      assert.equal(await stream.text, answer);
      assert.deepEqual(first.toolResults.map(({ input, output }) => [input, output]), wanted);
      assert.deepEqual(Object.values(deltas).map((text) => JSON.parse(text).city), cities);
    });

    test(`${name}: an agent to its end: ${prompt}`, async () => {
      const agent = new ToolLoopAgent({
        model,
        instructions: 'You know the weather.',
        tools: { get_weather },
      });

      assert.equal((await agent.generate({ prompt })).text, answer);
      assert.equal(await (await agent.stream({ prompt })).text, answer);
    });
  }

  test(`${name}: a loop that thinks`, async () => {
    const prompt = 'Think about the weather in Paris.';
    const said = await generateText({ model, prompt, tools: { get_weather }, stopWhen });

    assert.equal(said.text, 'It is sunny in Paris.');
    assert.deepEqual(said.steps.map((step) => step.warnings), [[], []]);
  });

  test(`${name}: a loop that stops at the call`, async () => {
    const [[prompt]] = LOOPS;
    const said = await generateText({
      model,
      prompt,
      tools: { get_weather },
      stopWhen: hasToolCall('get_weather'),
    });

    assert.equal(said.text, '');
    assert.equal(said.steps.length, 1);
  });

  test(`${name}: a tool that throws`, async () => {
    const [[prompt, answer]] = LOOPS;
    const broken = tool({
      ...get_weather,
      execute: async () => {
        throw new Error('no weather today');
      },
    });
    const said = await generateText({ model, prompt, tools: { get_weather: broken }, stopWhen });

    const [{ content }] = said.steps;
    assert.equal(content.at(-1).type, 'tool-error');
    assert.equal(said.text, answer);
  });
}
