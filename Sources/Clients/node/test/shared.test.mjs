// One client in a process, however many copies of the file a bundler makes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datagramServer } from './support.mjs';

test('two copies of the file share one client, and so do two copies of a route', async () => {
  const totals = [];
  const server = await datagramServer((frame, answer) => {
    if (frame.final) answer();
    totals.push(...frame.records.filter(({ type }) => type !== 'meta'));
  });
  process.env.WEIR_ADDRESS = server.address;
  const [one, two] = await Promise.all([import('../weir.mjs?bundle=1'), import('../weir.mjs?bundle=2')]);
  assert.notEqual(one.sharedClient, two.sharedClient);
  const options = { address: server.address, flushInterval: 0, processMetrics: false };
  const client = one.sharedClient(options);
  assert.equal(two.sharedClient(), client);
  assert.notEqual(one.createClient(options), two.createClient(options));

  const routes = await Promise.all([import('../next-route.mjs?bundle=1'), import('../next-route.mjs?bundle=2')]);
  for (const { POST } of routes) {
    const body = JSON.stringify({ provider: 'openai', model: 'gpt' });
    const response = await POST(new Request('http://localhost/api/chat', { method: 'POST', body }));
    assert.equal(response.status, 200);
  }
  assert.equal(await client.close(), true);
  const requests = totals.filter(({ name }) => name === 'llm_requests_total').at(-1);
  assert.deepEqual([requests.labels.status, requests.value], ['ok', 2]);
  assert.notEqual(two.sharedClient(options), client, 'after close there is another one');
  await one.sharedClient().close();
  server.close();
});
