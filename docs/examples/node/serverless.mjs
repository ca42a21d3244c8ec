// A function of a serverless platform, for example api/chat.js at Vercel, in a project that has the package
// weir-client. docs/serverless.md says why it is written like this.

// In an application: import { sharedClient } from 'weir-client';
import { sharedClient } from '../../../Sources/Clients/node/index.mjs';

const weir = sharedClient({
  // https://user:password@weir.example/api/v1/push
  url: process.env.WEIR_URL,
  key: { id: process.env.WEIR_KEY_ID, secret: Buffer.from(process.env.WEIR_KEY_SECRET, 'hex') },
  // Only `flush` sends: a timer does not run while the function is frozen.
  flushInterval: 0,
  // If Weir can't be reached, an answer waits for this long at most.
  timeout: 1000,
  // A function has too many processes for series of each.
  processMetrics: false,
  // If the platform says that it ends the process, what is left is sent.
  signals: true,
});
const requests = weir.counter('llm_requests_total', { help: 'Requests to providers.' });
const duration = weir.histogram('llm_request_duration_seconds', {
  help: 'Time until the provider had answered.', unit: 'seconds',
});

export default async function handler(request, response) {
  const labels = { provider: 'openai', model: 'gpt-4o' };
  const stop = duration.startTimer(labels);
  let status = 'error';
  let answer;
  try {
    answer = await complete(labels);
    status = 'ok';
  } finally {
    stop();
    requests.inc({ ...labels, status });
    // Before the answer, because the function is frozen after it.
    await weir.flush();
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(answer));
}

/** A placeholder for the call of a provider. */
async function complete({ provider, model }) {
  return { provider, model, text: '…' };
}
