// Sockets over time: they are replaced each minute, follow the name of their server, and continue after
// a server was missing. And how long close waits for answers.

import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import {
  answerTo, clientWithoutNetwork, datagramServer, decodeFrame, standingClock, weir,
} from './support.mjs';

const { createClient } = weir;

const quiet = { flushInterval: 0, processMetrics: false };

/** Waits until `seen` has `count` elements, for ten seconds at most. */
async function arrivals(seen, count) {
  const deadline = Date.now() + 10_000;
  while (seen.length < count) {
    assert.ok(Date.now() < deadline, `${seen.length} of ${count} have arrived`);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
}

/** Flushes after a change, and waits until `count` frames have arrived in `seen`. */
async function flushUntil(client, seen, count) {
  client.counter('x_total').inc();
  await client.flush();
  await arrivals(seen, count);
}

for (const [how, lookup] of [
  ['a literal address', undefined], ['a name', async () => ({ address: '127.0.0.1', family: 4 })],
]) {
  test(`the source port changes each minute, to ${how}`, async () => {
    const seen = [];
    const server = await datagramServer((frame, answer, bytes, from) => seen.push(from.port));
    const clock = standingClock();
    const address = lookup ? `weir.test:${server.port}` : server.address;
    const client = createClient({ ...quiet, address, clock, lookup });
    await flushUntil(client, seen, 1);
    clock.advance(59_000);
    await flushUntil(client, seen, 2);
    assert.equal(seen[1], seen[0]);
    clock.advance(1000);
    await flushUntil(client, seen, 3);
    clock.advance(1000);
    await flushUntil(client, seen, 4);
    assert.notEqual(seen[3], seen[1]);
    await client.close({ timeout: 1 });
    server.close();
  });
}

test('the name of the server is looked up again after a minute, and the client follows it', async () => {
  const first = [];
  const second = [];
  const one = await datagramServer((frame) => first.push(frame.sequence));
  const two = await datagramServer((frame) => second.push(frame.sequence), {
    host: '127.0.0.2', port: one.port,
  });
  const clock = standingClock();
  const found = [{ address: '127.0.0.1', family: 4 }, { address: '127.0.0.2', family: 4 }];
  const names = [];
  const client = createClient({
    ...quiet, address: `weir.test:${one.port}`, clock,
    async lookup(name) {
      names.push(name);
      return found.shift();
    },
  });
  await flushUntil(client, first, 1);
  clock.advance(59_999);
  await flushUntil(client, first, 2);
  assert.equal(names.length, 1);
  clock.advance(1);
  // During the look-up the old socket is used.
  await flushUntil(client, first, 3);
  await flushUntil(client, second, 1);
  assert.deepEqual([first, second, names], [[1, 2, 3], [4], ['weir.test', 'weir.test']]);
  await client.close({ timeout: 1 });
  one.close();
  two.close();
});

test('a look-up that fails, or that never ends, stops nothing', async () => {
  const seen = [];
  const server = await datagramServer((frame, answer, bytes, from) => seen.push(from.port));
  const clock = standingClock();
  const lookups = [
    async () => ({ address: '127.0.0.1', family: 4 }),
    async () => { throw new Error('no such name'); },
    () => new Promise(() => {}),
  ];
  const client = createClient({
    ...quiet, address: `weir.test:${server.port}`, clock, lookup: () => lookups.shift()(),
  });
  await flushUntil(client, seen, 1);
  clock.advance(60_000);
  await flushUntil(client, seen, 2);
  assert.match(client.stats.lastError.message, /no such name/);
  await flushUntil(client, seen, 3);
  assert.notEqual(seen[2], seen[0], 'to the last address that was found, from another port');
  clock.advance(60_000);
  await flushUntil(client, seen, 4);
  clock.advance(60_000);
  await flushUntil(client, seen, 5);
  assert.equal(lookups.length, 0);
  await client.close({ timeout: 1 });
  server.close();
});

test('a failed first look-up is tried again after a second', async () => {
  const seen = [];
  const server = await datagramServer((frame) => seen.push(frame.sequence));
  const clock = standingClock();
  let tries = 0;
  const client = createClient({
    ...quiet, address: `weir.test:${server.port}`, clock,
    async lookup() {
      tries += 1;
      if (tries < 3) throw new Error('no such name');
      return { address: '127.0.0.1', family: 4 };
    },
  });
  const counter = client.counter('x_total');
  for (let flushes = 0; flushes < 4; flushes += 1) {
    counter.inc();
    await client.flush();
  }
  assert.equal(tries, 1);
  clock.advance(1000);
  counter.inc();
  await client.flush();
  clock.advance(1000);
  await flushUntil(client, seen, 1);
  assert.equal(tries, 3);
  await client.close({ timeout: 1 });
  server.close();
});

/** A socket that is bound when the call returns. */
function bindAtOnce(port) {
  const socket = dgram.createSocket({
    type: 'udp4', lookup: (host, ...rest) => rest.at(-1)(null, host, 4),
  });
  socket.bind(port, '127.0.0.1');
  return socket;
}

// The kernel reports a refusal instead of sending the next datagram, so every second one would be lost.
for (const [refused, refusals] of [[1, 'a refusal'], [2, 'two refusals']]) {
  test(`after ${refusals} the first frame arrives that is sent when the server is there`, async () => {
    const taken = bindAtOnce(0);
    const { port } = taken.address();
    taken.close();
    const client = createClient({ ...quiet, address: `127.0.0.1:${port}` });
    const counter = client.counter('x_total');
    // All of it happens in one turn of the event loop, so that nothing else reads the socket's error.
    for (let turn = 0; turn < refused; turn += 1) {
      counter.inc();
      await client.flush();
    }
    const values = [];
    const server = bindAtOnce(port);
    server.on('message', (bytes) => values.push(decodeFrame(bytes).records[0].value));
    counter.inc();
    await client.flush();
    await arrivals(values, 1);
    assert.deepEqual(values, [refused + 1]);
    assert.match(client.stats.lastError.message, /ECONNREFUSED/);
    await client.close({ timeout: 1 });
    server.close();
  });
}

test('over HTTP a connection is kept for a minute', async () => {
  const ports = [];
  const server = http.createServer((request, response) => {
    request.resume();
    ports.push(request.socket.remotePort);
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock = standingClock();
  const client = createClient({ ...quiet, url: `http://127.0.0.1:${server.address().port}/`, clock });
  for (const wait of [0, 59_999, 1, 1]) {
    clock.advance(wait);
    client.counter('x_total').inc();
    await client.flush();
  }
  assert.equal(ports[1], ports[0]);
  assert.notEqual(ports[2], ports[1]);
  assert.equal(ports[3], ports[2]);
  await client.close();
  server.close();
});

test('the last frames are sent at least 60 times in a minute to a server that does not answer', async () => {
  const { client, clock, frames } = clientWithoutNetwork();
  client.counter('x_total').inc();
  const began = clock.ticks;
  assert.equal(await client.close({ timeout: 60_000 }), false);
  assert.equal(clock.ticks - began, 60_000);
  assert.ok(frames.length >= 60, `${frames.length} frames`);
  assert.ok(frames.length <= 80, `${frames.length} frames`);
  for (const frame of frames) assert.deepEqual([frame.sequence, frame.final], [1, true]);
});

test('the timeout of the first call of close applies', async () => {
  for (const [first, second] of [[3000, 60_000], [3000, 1]]) {
    const { client, clock } = clientWithoutNetwork();
    client.counter('x_total').inc();
    const began = clock.ticks;
    const outcomes = await Promise.all([
      client.close({ timeout: first }), client.close({ timeout: second }),
    ]);
    assert.deepEqual([clock.ticks - began, outcomes], [first, [false, false]], `${first}, ${second}`);
  }
});

test('the last frames are sent until each was answered, and not more often', async () => {
  const seen = new Map();
  const transport = {
    frameBytesMax: 256, answersComeBySocket: true,
    async send(frames) {
      for (const bytes of frames) {
        const { sequence } = decodeFrame(bytes);
        seen.set(sequence, (seen.get(sequence) ?? 0) + 1);
        if (seen.get(sequence) > sequence % 3) transport.onAnswer(answerTo(bytes, sequence));
      }
      return 'unknown';
    },
  };
  const { client } = clientWithoutNetwork({ transport });
  for (let user = 0; user < 100; user += 1) client.counter('x_total').inc({ user });
  assert.equal(await client.close({ timeout: 60_000 }), true);
  assert.ok(seen.size > 4);
  for (const [sequence, times] of seen) assert.equal(times, (sequence % 3) + 1);
});
