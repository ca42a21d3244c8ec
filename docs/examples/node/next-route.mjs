// A route handler of Next.js, app/api/chat/route.js, in a project that has the package weir-client.

import { sharedClient } from 'weir-client';

// The client needs Node's sockets, which the edge runtime does not have.
export const runtime = 'nodejs';

// Next.js puts the imports of this file into several bundles, which all get the same client.
const weir = sharedClient({
  address: process.env.WEIR_ADDRESS ?? '127.0.0.1:8125',
  signals: true,
});
const requests = weir.counter('llm_requests_total', { help: 'Requests to providers.' });
const duration = weir.histogram('llm_request_duration_seconds', {
  help: 'Time until the provider had answered.', unit: 'seconds',
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
    // A serverless function may be frozen after its answer. In a server that keeps running the timer
    // flushes. Next.js 15 can flush after the answer: after(() => weir.flush()).
    if (process.env.VERCEL || process.env.AWS_LAMBDA_FUNCTION_NAME) await weir.flush();
  }
}

/** A placeholder for the call of a provider. */
async function complete(provider, model, prompt) {
  return { provider, model, prompt, text: '…' };
}
