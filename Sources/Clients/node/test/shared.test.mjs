// There is one shared client in a process, even if a bundler has made several copies of the client.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientURL, datagramServer } from './support.mjs';

const route = new URL('../../../../docs/examples/node/next-route.mjs', import.meta.url);
const folder = mkdtempSync(path.join(tmpdir(), 'weir-bundles-'));
after(() => rmSync(folder, { recursive: true }));

/** A folder with its own copies of the client and of a route, as a bundle has them. */
async function bundle(name) {
  const bundled = path.join(folder, name, 'node_modules', 'weir-client');
  mkdirSync(bundled, { recursive: true });
  const client = fileURLToPath(clientURL);
  if (process.env.WEIR_CLIENT) {
    cpSync(client, path.join(bundled, 'index.mjs'));
    writeFileSync(path.join(bundled, 'package.json'), '{ "exports": "./index.mjs" }');
  } else {
    cpSync(path.dirname(client), bundled, { recursive: true });
  }
  cpSync(route, path.join(folder, name, 'route.mjs'));
  return {
    weir: await import(path.join(bundled, 'index.mjs')),
    route: await import(path.join(folder, name, 'route.mjs')),
  };
}

test('two copies of the client share one client, and so do two copies of a route', async () => {
  const totals = [];
  const server = await datagramServer((frame, answer) => {
    if (frame.final) answer();
    totals.push(...frame.records.filter(({ type }) => type !== 'meta'));
  });
  process.env.WEIR_ADDRESS = server.address;
  const options = { address: server.address, flushInterval: 0, processMetrics: false };
  const first = await import(clientURL);
  const client = first.sharedClient(options);
  const [one, two] = [await bundle('one'), await bundle('two')];
  assert.notEqual(one.weir.sharedClient, two.weir.sharedClient);
  assert.equal(one.weir.sharedClient(), client);
  assert.equal(two.weir.sharedClient(), client);
  assert.notEqual(one.weir.createClient(options), two.weir.createClient(options));

  for (const { POST } of [one.route, two.route]) {
    const body = JSON.stringify({ provider: 'openai', model: 'gpt' });
    const response = await POST(new Request('http://localhost/api/chat', { method: 'POST', body }));
    assert.equal(response.status, 200);
  }
  assert.equal(await client.close(), true);
  const requests = totals.filter(({ name }) => name === 'llm_requests_total').at(-1);
  assert.deepEqual([requests.labels.status, requests.value], ['ok', 2]);
  assert.notEqual(two.weir.sharedClient(options), client, 'after close there is another one');
  await one.weir.sharedClient().close();
  server.close();
});
