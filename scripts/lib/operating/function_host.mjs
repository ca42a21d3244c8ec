// Runs a function as a serverless platform does, with one process that serves requests in between freezes.
//
//     node function_host.mjs MODE
//
// The process stops itself (SIGSTOP) as soon as it may, and is continued for the next request:
//
//   before   the function sends before it answers (docs/examples/node/serverless.mjs); frozen after the answer
//   after    the platform waits, after the answer, until what was recorded is sent (`waitUntil`)
//   begun    sending is begun before the answer, and nobody waits for it
//   timer    the client sends once a second, as in a server; frozen after the answer
//
// Prints the port as JSON.

import { createServer } from 'node:http';

const mode = process.argv[2];
const freeze = () => process.kill(process.pid, 'SIGSTOP');

async function recommended() {
  const { default: handler } = await import('../../../docs/examples/node/serverless.mjs');
  return async (request, response) => {
    response.on('finish', freeze);
    await handler(request, response);
  };
}

/** What others write. */
async function other() {
  const { createClient } = await import('../../../Sources/Clients/node/index.mjs');
  const weir = createClient({
    url: process.env.WEIR_URL,
    key: { id: process.env.WEIR_KEY_ID, secret: Buffer.from(process.env.WEIR_KEY_SECRET, 'hex') },
    ...(mode === 'timer' ? {} : { flushInterval: 0 }),
    processMetrics: false,
  });
  const requests = weir.counter('llm_requests_total');
  return (request, response) => {
    requests.inc({ provider: 'openai', model: 'gpt-4o', status: 'ok' });
    if (mode === 'begun') weir.flush();
    response.end('{}');
    if (mode === 'after') response.on('finish', () => weir.flush().then(freeze));
    else response.on('finish', freeze);
  };
}

const handler = await (mode === 'before' ? recommended() : other());
const server = createServer(handler);
// The connection of the platform outlives each freeze.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
