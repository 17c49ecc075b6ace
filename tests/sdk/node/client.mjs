// The client that every test file uses, and what requests and answers have in common.

import assert from 'node:assert/strict';

import OpenAI from 'openai';

const url = process.env.MOCKLLM_URL;
if (!url) throw new Error('MOCKLLM_URL names the server, such as http://127.0.0.1:8000');

/** Return a client; `prefix` stands after host and port. */
export function clientAt(prefix) {
  return new OpenAI({ baseURL: `${url}${prefix}`, apiKey: 'sk-test', maxRetries: 0 });
}

export const client = clientAt('/v1');

/** Return the body of a chat request. */
export function chat(prompt, more = {}) {
  return { model: 'gpt-4o', messages: [{ role: 'user', content: prompt }], ...more };
}

/** Return the body of a Responses request. */
export function ask(prompt, more = {}) {
  return { model: 'gpt-5', input: prompt, ...more };
}

/** Return all that a stream or a list yields. */
export async function collected(iterable) {
  const found = [];
  for await (const each of iterable) found.push(each);
  return found;
}

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
    },
  },
};

/** Each status that the prompt `error <status>` gets, with the SDK's class for it. */
export const STATUSES = [
  [400, OpenAI.BadRequestError],
  [401, OpenAI.AuthenticationError],
  [403, OpenAI.PermissionDeniedError],
  [404, OpenAI.NotFoundError],
  [409, OpenAI.ConflictError],
  [422, OpenAI.UnprocessableEntityError],
  [429, OpenAI.RateLimitError],
  [500, OpenAI.InternalServerError],
  [503, OpenAI.InternalServerError],
];

/** Assert that a request fails with the SDK's class for a status. */
export async function rejectsWith(request, status, kind) {
  await assert.rejects(request, (error) => {
    assert.equal(error instanceof kind, true);
    assert.equal(error.status, status);
    assert.equal(typeof error.error.message, 'string');
    assert.match(error.requestID, /^req_/);
    return true;
  });
}
