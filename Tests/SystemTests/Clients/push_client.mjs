// Pushes some counts by the client for Node: push_client.mjs WAY VALUE [KEY_ID SECRET].
// WAY is HOST:PORT, or the address of the page that takes frames over HTTP.

import { createClient } from '../../../Sources/Clients/node/index.mjs';

const [way, value, id, secret] = process.argv.slice(2);
const client = createClient({
  ...(way.startsWith('http') ? { url: way } : { address: way }),
  ...(id ? { key: { id, secret: Buffer.from(secret, 'hex') } } : {}),
  labels: { service: 'test' },
  processMetrics: false,
});
client.counter('pushed_total', { help: 'What the tests push.' }).labels({ client: 'node' })
  .inc(Number(value));
client.histogram('pushed_seconds', { unit: 'seconds' }).labels({ client: 'node' })
  .observe(Number(value) / 1024, { trace_id: 'node' });
client.gauge('pushed_gauge', { merge: 'max' }).set(Number(value));
await client.flush();
process.exitCode = (await client.close({ timeout: 10_000 })) ? 0 : 1;
