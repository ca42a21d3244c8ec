// Transports: real sockets on loopback, with servers that answer, drop, refuse or are not there.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { datagramServer, framesOfBody, weir } from './support.mjs';

const { createClient } = weir;

const quiet = { flushInterval: 0, processMetrics: false };

test('close resolves when all last frames were answered, although most are lost at first', async () => {
  const seen = new Map();
  const server = await datagramServer((frame, answer) => {
    if (!frame.final) return;
    assert.equal(frame.confirm, true);
    const times = (seen.get(frame.sequence) ?? 0) + 1;
    seen.set(frame.sequence, times);
    // Each frame is lost a different number of times.
    if (times > frame.sequence % 3) answer();
  });
  const client = createClient({ ...quiet, address: server.address });
  for (let user = 0; user < 400; user += 1) client.counter('x_total').inc({ user });
  assert.equal(await client.close({ timeout: 10_000 }), true);
  assert.ok(seen.size > 2);
  // A frame whose answer comes late is sent once more.
  for (const [sequence, times] of seen) assert.ok(times > sequence % 3, `${sequence}: ${times} times`);
  assert.equal(await client.close(), true, 'the second call has the result of the first');
  server.close();
});

test('close gives up after its timeout if there is no answer, or no server', async () => {
  const server = await datagramServer(() => {});
  const silent = createClient({ ...quiet, address: server.address });
  silent.counter('x_total').inc();
  assert.equal(await silent.close({ timeout: 120 }), false);
  server.close();
  const dead = createClient({ ...quiet, address: '127.0.0.1:9' });
  dead.counter('x_total').inc();
  for (let flushes = 0; flushes < 3; flushes += 1) await dead.flush();
  assert.equal(await dead.close({ timeout: 120 }), false);
  assert.ok(dead.stats.framesSent >= 3);
  assert.ok(dead.stats.errors > 0, 'the kernel reported that there is no server');
  assert.match(dead.stats.lastError.message, /ECONNREFUSED/);
  const nowhere = createClient({ ...quiet, address: 'no-such-host.invalid:8125' });
  nowhere.counter('x_total').inc();
  assert.equal(await nowhere.close({ timeout: 120 }), false);
});

test('the timer flushes by itself, and does not keep the process alive', async () => {
  let arrived;
  const first = new Promise((resolve) => { arrived = resolve; });
  const server = await datagramServer((frame, answer) => {
    if (frame.final) answer();
    else arrived(frame);
  });
  const client = createClient({ address: server.address, flushInterval: 100, processMetrics: false });
  client.counter('x_total').inc(3);
  assert.equal((await first).records[0].value, 3);
  await client.close();
  server.close();
});

test('frames are signed, and answers without the signature are ignored', async () => {
  const key = { id: 'k1', secret: 'a secret' };
  const sign = (bytes, secret) => createHmac('sha256', secret).update(bytes).digest().subarray(0, 16);
  const signed = [];
  const server = await datagramServer((frame, answer, bytes) => {
    signed.push([frame.key, bytes.subarray(-16).equals(sign(bytes.subarray(0, -16), key.secret))]);
    // The answer is not signed.
    answer();
  });
  const client = createClient({ ...quiet, address: server.address, key });
  client.counter('x_total').inc();
  await client.flush();
  assert.equal(await client.close({ timeout: 120 }), false);
  assert.ok(signed.length >= 2);
  for (const each of signed) assert.deepEqual(each, ['k1', true]);
  server.close();
});

/** An HTTP server that calls `respond(request, response, body)`. */
async function requestServer(respond) {
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    respond(request, response, Buffer.concat(parts));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    port,
    close() {
      server.closeAllConnections?.();
      server.close();
    },
  };
}

test('over HTTP frames are sent in one body, with the password of the URL, and repeats are spread', async () => {
  const requests = [];
  const server = await requestServer((request, response, body) => {
    requests.push({ request, frames: framesOfBody(body) });
    response.writeHead(204).end();
  });
  const url = `http://us%40er:p%3Aw@127.0.0.1:${server.port}/api/v1/push`;
  const client = createClient({ ...quiet, url });
  for (let user = 0; user < 2000; user += 1) client.counter('x_total').inc({ user });
  await client.flush();
  const [{ request, frames }] = requests;
  assert.equal(request.method, 'POST');
  assert.equal(request.url, '/api/v1/push');
  assert.equal(request.headers['content-type'], 'application/vnd.weir.push');
  assert.equal(request.headers.authorization, `Basic ${Buffer.from('us@er:p:w').toString('base64')}`);
  assert.ok(frames.length > 1);
  assert.equal(frames.reduce((count, frame) => count + frame.records.length, 0), 2000);
  client.counter('x_total').inc({ user: 1 });
  await client.flush();
  const again = requests[1].frames.flatMap(({ records }) => records);
  assert.equal(again.filter(({ value }) => value === 2).length, 1);
  assert.ok(again.length < 400, 'what changed, and a sixth of the others, which are repeated');
  assert.equal(await client.close(), true);
  assert.deepEqual([requests.at(-1).frames[0].final, requests.at(-1).frames[0].confirm], [true, false]);
  server.close();
});

test('over HTTP a connection that the server has closed meanwhile loses no flush', async () => {
  const connections = [];
  const values = [];
  const server = await requestServer((request, response, body) => {
    if (connections.includes(request.socket)) {
      request.socket.destroy();
      return;
    }
    connections.push(request.socket);
    values.push(...framesOfBody(body).flatMap(({ records }) => records.map(({ value }) => value)));
    response.writeHead(204).end();
  });
  const url = `http://127.0.0.1:${server.port}/api/v1/push`;
  const client = createClient({ ...quiet, url });
  for (let flushes = 1; flushes <= 3; flushes += 1) {
    client.counter('x_total').inc();
    await client.flush();
    assert.equal(values.at(-1), flushes);
  }
  assert.equal(connections.length, 3);
  assert.equal(client.stats.errors, 0);
  server.close();
  // Nobody listens any more, so that the second attempt is the last.
  client.counter('x_total').inc();
  await client.flush();
  assert.equal(client.stats.errors, 1);
  assert.equal(await client.close({ timeout: 120 }), false);
});

test('over HTTP a request that is not answered in time is not sent again', async () => {
  let requests = 0;
  const server = await requestServer((request, response) => {
    requests += 1;
    if (requests === 1) response.writeHead(204).end();
  });
  const url = `http://127.0.0.1:${server.port}/api/v1/push`;
  const client = createClient({ ...quiet, url, timeout: 100 });
  for (let flushes = 1; flushes <= 2; flushes += 1) {
    client.counter('x_total').inc();
    await client.flush();
  }
  assert.equal(requests, 2);
  assert.match(client.stats.lastError.message, /did not answer within 100 ms/);
  server.close();
});

test('over HTTP a refusal is counted with its text, and what was refused is not sent without end', async () => {
  const server = await requestServer((request, response) => {
    response.writeHead(400).end('frame 1: unsigned\n');
  });
  const client = createClient({ ...quiet, url: `http://127.0.0.1:${server.port}/api/v1/push` });
  client.counter('x_total').inc();
  await client.flush();
  assert.match(client.stats.lastError.message, /push answered 400: frame 1: unsigned$/);
  assert.equal(await client.close({ timeout: 10_000 }), false);
  assert.equal(client.stats.errors, 2);
  server.close();
});

test('over HTTP a slow or broken server costs one request each, and no total is lost', async () => {
  let mode = 'slow';
  const totals = [];
  const server = await requestServer((request, response, body) => {
    if (mode === 'slow') return;
    if (mode === 'broken') return request.socket.destroy();
    if (mode === 'unwell') return response.writeHead(503).end();
    totals.push(...framesOfBody(body).flatMap(({ records }) => records.map(({ value }) => value)));
    response.writeHead(204).end();
  });
  const url = `http://127.0.0.1:${server.port}/api/v1/push`;
  const client = createClient({ ...quiet, url, timeout: 500 });
  const counter = client.counter('x_total').labels({});
  const messages = [];
  for (mode of ['slow', 'broken', 'unwell']) {
    counter.inc();
    await client.flush();
    messages.push(client.stats.lastError.message);
  }
  assert.match(messages[0], /did not answer within 500 ms/);
  assert.match(messages[1], /socket hang up|ECONNRESET|closed the connection/);
  assert.match(messages[2], /answered 503/);
  mode = 'well';
  await client.flush();
  assert.deepEqual(totals, [3], 'what has not arrived is sent again');
  assert.equal(await client.close(), true);
  server.close();
  const dead = createClient({ ...quiet, url });
  dead.counter('x_total').inc();
  await dead.flush();
  assert.match(dead.stats.lastError.message, /ECONNREFUSED/);
  assert.equal(await dead.close({ timeout: 120 }), false);
});
