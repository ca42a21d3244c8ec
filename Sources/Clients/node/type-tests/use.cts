// A program that uses the client from CommonJS. It is compiled in strict mode, and then run.

import weir = require('weir-client');

// The types of Node are not needed.
declare const console: { log(text: string): void };

const transport: weir.Transport = {
  frameBytesMax: 1432, answersComeBySocket: false, send: async () => 'arrived',
};
const client: weir.Client = weir.createClient({ transport, flushInterval: 0, processMetrics: false });
const counter: weir.Counter = client.counter('x_total', { help: 'Events.' });
counter.labels({ kind: 'a' }).inc(2);
client.close().then((isConfirmed: boolean) => {
  if (!isConfirmed) throw new Error('the last totals have not arrived');
  console.log('the types and the client agree');
});
