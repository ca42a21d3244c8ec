// Sends requests to gateways in turn, and ends.
//
//     node load.mjs --gateways=http://127.0.0.1:8080,http://127.0.0.1:8081 [--requests=4000]
//                   [--concurrency=16] [--seed=1]
//
// Prints the number of answers by status as JSON.

import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { mulberry32 } from './random.mjs';

const MODELS = [
  ['openai', 'gpt-4o'], ['openai', 'gpt-4o-mini'], ['anthropic', 'sonnet'], ['anthropic', 'haiku'],
  ['google', 'gemini'], ['mistral', 'large'],
];

const { values: options } = parseArgs({
  options: {
    gateways: { type: 'string' },
    requests: { type: 'string', default: '4000' },
    concurrency: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
  },
});
if (!options.gateways) {
  console.error('load: name the gateways, --gateways=http://127.0.0.1:8080');
  process.exit(2);
}

const gateways = options.gateways.split(',');
const random = mulberry32(Number(options.seed));
const agent = new Agent({ keepAlive: true, maxSockets: Number(options.concurrency) });
const answered = {};
let sent = 0;

function post(gateway) {
  const [provider, model] = MODELS[Math.floor(random() * MODELS.length)];
  const body = JSON.stringify({ provider, model, messages: [{ role: 'user', content: 'hello' }] });
  return new Promise((resolve, reject) => {
    const asked = request(`${gateway}/v1/chat/completions`, {
      agent, method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function work() {
  while (sent < Number(options.requests)) {
    const status = await post(gateways[sent++ % gateways.length]);
    answered[status] = (answered[status] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: Number(options.concurrency) }, work));
agent.destroy();
console.log(JSON.stringify({ sent, answered }));
