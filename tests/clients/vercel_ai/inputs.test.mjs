// Pictures and documents.

import assert from 'node:assert/strict';
import test from 'node:test';

import { generateText } from 'ai';

import { models } from './models.mjs';

const { PNG: png, PDF: pdf } = process.env;

/** Ask about a file. */
async function ask(model, file) {
  const content = [{ type: 'text', text: 'What is it?' }, file];
  return generateText({ model, messages: [{ role: 'user', content }] });
}

for (const [name, model] of Object.entries(models)) {
  test(`${name}: a picture`, async () => {
    for (const mediaType of ['image', 'image/png']) {
      const said = await ask(model, { type: 'file', data: png, mediaType });

      assert.equal(said.text, 'I see a picture.');
    }
  });

  test(`${name}: a document`, async () => {
    const file = { type: 'file', data: pdf, mediaType: 'application/pdf', filename: 'a.pdf' };
    const said = await ask(model, file);

    assert.equal(said.text, 'I have read the document.');
    assert.deepEqual(said.warnings, []);
  });
}
