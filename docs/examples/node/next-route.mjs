// A route handler of Next.js: app/api/chat/route.js, with weir.mjs beside it or in lib/.

import { sharedClient } from 'weir-client';

// Weir's client needs Node's sockets, which the edge runtime lacks.
export const runtime = 'nodejs';

// Next.js puts this file's imports into several bundles; they all get the same client.
const weir = sharedClient({
  address: process.env.WEIR_ADDRESS ?? '127.0.0.1:8125',
  signals: true,
});
const requests = weir.counter('llm_requests_total', { help: 'Requests to providers.' });
const duration = weir.histogram('llm_request_duration_seconds', {
  help: 'Time until a provider had answered.', unit: 'seconds',
});

export async function POST(request) {
  const { provider, model, ...prompt } = await request.json();
  const stop = duration.startTimer({ provider, model });
  let status = 'error';
  try {
    const answer = await complete(provider, model, prompt);
    status = 'ok';
    return Response.json(answer);
  } finally {
    stop();
    requests.inc({ provider, model, status });
    // A serverless function may be frozen as soon as it has answered. Of a server that lives on the
    // timer does this; Next.js 15 can do it after the answer: after(() => weir.flush()).
    if (process.env.VERCEL || process.env.AWS_LAMBDA_FUNCTION_NAME) await weir.flush();
  }
}

/** Stands for the call of a provider. */
async function complete(provider, model, prompt) {
  return { provider, model, prompt, text: '…' };
}
