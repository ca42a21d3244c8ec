// An example: an LLM gateway that accepts requests, simulates a provider, and sends metrics to Weir.
//
//     node gateway.mjs --weir=127.0.0.1:8125 [--port=8080] [--instance=gateway-1] [--seed=1]
//                      [--speed=50]
//
// POST /v1/chat/completions with {"provider": "openai", "model": "gpt-4o"}. The seed decides how long each
// request takes, whether it fails and how many tokens it has, so that runs can be compared. The simulated
// provider is `--speed` times faster than a real one. At SIGTERM the gateway finishes the requests in
// progress, sends its last totals, and prints all that it recorded as one line of JSON.

import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
// In an application: import { createClient } from 'weir-client';
import { createClient } from '../../../Sources/Clients/node/index.mjs';
import { mulberry32 } from './random.mjs';

const { values: options } = parseArgs({
  options: {
    weir: { type: 'string', default: '127.0.0.1:8125' },
    url: { type: 'string' },
    port: { type: 'string', default: '0' },
    instance: { type: 'string' },
    seed: { type: 'string', default: '1' },
    speed: { type: 'string', default: '50' },
  },
});

const weir = createClient({
  ...(options.url ? { url: options.url } : { address: options.weir }),
  instance: options.instance,
  // The dashboard shows the processor time of each gateway.
  perProcessCpu: true,
  onError: (error) => console.error(`weir: ${error.message}`),
});
const requests = weir.counter('llm_requests_total', { help: 'Requests to providers, by outcome.' });
const duration = weir.histogram('llm_request_duration_seconds', {
  help: 'How long a provider took to answer.', unit: 'seconds',
});
const tokens = weir.counter('llm_tokens_total', { help: 'Tokens sent and received.' });
const rateLimitHits = weir.counter('rate_limit_hits_total', {
  help: 'Requests refused because there were too many.',
});

const random = mulberry32(Number(options.seed));
/** One of this many requests is refused. */
const RATE_LIMITED_ONE_IN = 40;
const ERROR_SHARE = 0.03;

/** What a provider does: seconds from a cache hit to a long completion, tokens, and rarely an error. */
function simulate() {
  return {
    // Multiples of 1/1024 s, so that sums are exact in any order.
    seconds: Math.ceil(1024 * (0.05 * Math.exp(3.2 * random()) + (random() < 0.01 ? 60 : 0))) / 1024,
    prompt: 20 + Math.floor(random() * 2000),
    completion: 1 + Math.floor(random() * 800),
    isError: random() < ERROR_SHARE,
  };
}

/** The number of requests so far. */
let requestCount = 0;

async function complete({ provider, model }) {
  const answer = simulate();
  await new Promise((resolve) => {
    setTimeout(resolve, Math.min(50, (answer.seconds * 1000) / Number(options.speed)));
  });
  const status = answer.isError ? 'error' : 'ok';
  requests.labels({ provider, model, status }).inc();
  duration.labels({ provider, model }).observe(answer.seconds);
  tokens.labels({ provider, model, type: 'prompt' }).inc(answer.prompt);
  if (!answer.isError) tokens.labels({ provider, model, type: 'completion' }).inc(answer.completion);
  return { status, tokens: answer.completion };
}

async function read(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > 65_536) throw new Error('the request is too long');
  }
  return JSON.parse(text);
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const endpoint = new URL(request.url, 'http://gateway').pathname;
  if (request.method !== 'POST' || endpoint !== '/v1/chat/completions') {
    return answer(404, { error: 'POST /v1/chat/completions' });
  }
  requestCount += 1;
  if (requestCount % RATE_LIMITED_ONE_IN === 0) {
    rateLimitHits.labels({ endpoint }).inc();
    request.resume();
    return answer(429, { error: 'too many requests' });
  }
  try {
    const { provider, model } = await read(request);
    const { status, tokens: count } = await complete({ provider, model });
    return answer(status === 'ok' ? 200 : 502, { status, tokens: count });
  } catch (error) {
    return answer(400, { error: error.message });
  }
});

server.listen(Number(options.port), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }));
});

process.once('SIGTERM', () => {
  server.close(async () => {
    const isConfirmed = await weir.close({ timeout: 10_000 });
    console.log(JSON.stringify({ isConfirmed, series: weir.snapshot() }));
    process.exitCode = isConfirmed ? 0 : 1;
  });
  // Connections that wait for another request would keep the server open.
  server.closeIdleConnections();
});
