// The models that every test file asks.

const URL = process.env.MOCKLLM_URL;

// -- set-up
import { createAnthropic } from '@ai-sdk/anthropic';
import { createAzure } from '@ai-sdk/azure';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

const openai = createOpenAI({ baseURL: `${URL}/v1`, apiKey: 'any' });
const anthropic = createAnthropic({ baseURL: `${URL}/v1`, apiKey: 'any' });
const google = createGoogle({ baseURL: `${URL}/v1beta`, apiKey: 'any' });
const azure = createAzure({
  baseURL: `${URL}/openai`,
  apiKey: 'any',
  apiVersion: '2024-10-21',
  useDeploymentBasedUrls: true,
});
const compatible = createOpenAICompatible({
  name: 'mockllm',
  baseURL: `${URL}/v1`,
  includeUsage: true, // else a stream has none
  supportsStructuredOutputs: true, // else no schema is sent
});

const models = {
  responses: openai('gpt-5.4'),
  chat: openai.chat('gpt-4o'),
  anthropic: anthropic('claude-sonnet-4-5'),
  gemini: google('gemini-3-pro-preview'),
  azure: azure.chat('gpt-4o'),
  compatible: compatible('llama3.2'),
};
const embeddingModels = {
  openai: openai.embedding('text-embedding-3-small'),
  gemini: google.embedding('gemini-embedding-001'),
  azure: azure.embedding('text-embedding-3-small'),
  compatible: compatible.embeddingModel('nomic-embed-text'),
};
// -- end

export { embeddingModels, models };
