// The client that every test file uses, and what requests have in common.

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
