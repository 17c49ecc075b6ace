// Texts, streams, reasoning, errors and vectors.

import assert from 'node:assert/strict';
import test from 'node:test';

import { APICallError, cosineSimilarity, embed, embedMany, generateText, streamText } from 'ai';

import { embeddingModels, models } from './models.mjs';

for (const [name, model] of Object.entries(models)) {
  test(`${name}: a chat with its usage`, async () => {
    const said = await generateText({ model, prompt: 'Say hello.' });

    assert.equal(said.text, 'Hello from mockllm.');
    assert.equal(said.finishReason, 'stop');
    assert.deepEqual(said.warnings, []);
    assert.equal(said.usage.outputTokens > 0, true);
    assert.equal(said.usage.totalTokens, said.usage.inputTokens + said.usage.outputTokens);
  });

  test(`${name}: usage in detail`, async () => {
    const prompt = 'What did it cost?';
    const stream = streamText({ model, prompt });

    for (const usage of [(await generateText({ model, prompt })).usage, await stream.usage]) {
      assert.deepEqual([usage.inputTokens, usage.outputTokens], [1200, 90]);
      assert.equal(usage.inputTokenDetails.cacheReadTokens, 1000);
      assert.equal(usage.outputTokenDetails.reasoningTokens, 50);
    }
  });

  test(`${name}: instructions and earlier messages`, async () => {
    const said = await generateText({
      model,
      instructions: 'Be short.',
      messages: [
        { role: 'user', content: 'Say hello.' },
        { role: 'assistant', content: 'Hello from mockllm.' },
        { role: 'user', content: 'Count to five.' },
      ],
      maxOutputTokens: 100,
    });

    assert.equal(said.text, 'one two three four five');
  });

  test(`${name}: a stream with its usage`, async () => {
    const stream = streamText({ model, prompt: 'Count to five.' });
    const pieces = [];
    for await (const piece of stream.textStream) pieces.push(piece);

    assert.equal(pieces.join(''), 'one two three four five');
    assert.equal(pieces.length > 1, true);
    assert.equal(await stream.finishReason, 'stop');
    assert.equal((await stream.usage).outputTokens > 0, true);
  });

  test(`${name}: reasoning`, async () => {
    const whole = await generateText({ model, prompt: 'Think first.' });
    const stream = streamText({ model, prompt: 'Think first.' });

    // OpenAI's own chat completions have no member for it.
    const thought = ['chat', 'azure'].includes(name) ? undefined : 'Let me think.';
    assert.deepEqual([whole.reasoningText, whole.text], [thought, 'I have thought.']);
    assert.deepEqual([await stream.reasoningText, await stream.text], [thought, 'I have thought.']);
  });

  test(`${name}: an answer that is cut short`, async () => {
    const prompt = 'Never end.';
    const stream = streamText({ model, prompt });

    assert.equal((await generateText({ model, prompt })).finishReason, 'length');
    assert.equal(await stream.finishReason, 'length');
  });

  for (const [status, isRetryable] of [
    [400, false],
    [401, false],
    [404, false],
    [429, true],
    [500, true],
  ]) {
    const asked = { model, prompt: `Fail with ${status}.`, maxRetries: 0 };
    const isRight = (error) => {
      assert.equal(APICallError.isInstance(error), true);
      assert.equal(error.statusCode, status);
      assert.equal(error.isRetryable, isRetryable);
      assert.equal(error.message, error.data.error.message); // the vendor's words
      return true;
    };

    test(`${name}: status ${status} is an APICallError`, async () => {
      await assert.rejects(generateText(asked), isRight);
    });

    test(`${name}: status ${status} is an APICallError of a stream`, async () => {
      const errors = [];
      const stream = streamText({ ...asked, onError: ({ error }) => errors.push(error) });
      await stream.consumeStream();

      assert.equal(errors.length, 1);
      isRight(errors[0]);
    });
  }
}

for (const [name, model] of Object.entries(embeddingModels)) {
  test(`${name}: embeddings`, async () => {
    const { embeddings } = await embedMany({ model, values: ['a cat', 'a dog'] });
    const { embedding } = await embed({ model, value: 'a cat' });

    assert.equal(embeddings.length, 2);
    assert.deepEqual(embedding, embeddings[0]);
    assert.equal(cosineSimilarity(...embeddings) < 0.99, true);
  });
}
