// What a user of the openai package does; prints all that it got as one line of JSON.
// Arguments: base URL, key, model. Runs in build/e2e-node, where the package is.
import OpenAI from "openai";

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 120000 });
const messages = [{ role: "user", content: "Say hello." }];
const same = { model, max_tokens: 8, temperature: 0, seed: 1 };

const chat = await client.chat.completions.create({ ...same, messages });
const text = await client.completions.create({ ...same, prompt: "Once upon a time" });

let streamed = "";
let chunksWithUsage = 0;
for await (const chunk of await client.chat.completions.create({ ...same, messages, stream: true })) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
  if (chunk.usage || chunk.choices.length === 0) chunksWithUsage += 1;
}

let asked = null;
const asking = { ...same, messages, stream: true, stream_options: { include_usage: true } };
for await (const chunk of await client.chat.completions.create(asking)) asked = chunk.usage ?? asked;

const models = [];
for await (const one of client.models.list()) models.push(one.id);
const retrieved = await client.models.retrieve(model);

let refused = null;
try {
  await client.models.retrieve("no-such-model");
} catch (error) {
  refused = { kind: error.constructor.name, status: error.status, code: error.code };
}

console.log(JSON.stringify({ chat, text, streamed, chunksWithUsage, asked, models,
                             retrieved: retrieved.id, refused }));
