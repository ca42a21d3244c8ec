// Which totals a process sends when it ends, with real processes and servers on loopback.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { clientURL, datagramServer, framesOfBody } from './support.mjs';

/** Runs a process that uses the client. It gets SIGTERM after it has written something. */
async function runProcess(script, options) {
  const source = `import { createClient } from ${JSON.stringify(clientURL)};
    const weir = createClient(${JSON.stringify({ processMetrics: false, signals: true, ...options })});
    weir.counter('x_total').inc(7); ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  let output = '';
  child.stderr.on('data', (text) => { errors += text; });
  child.stdout.on('data', (text) => {
    output += text;
    child.kill('SIGTERM');
  });
  const [code, signal] = await once(child, 'close');
  return { end: { code, signal }, errors, output };
}

/** A server for datagrams; `arrived` is the first final frame that it received. */
async function lastFrameServer({ host } = {}) {
  let last;
  const arrived = new Promise((resolve) => { last = resolve; });
  const server = await datagramServer((frame, answer) => {
    if (!frame.final) return;
    last(frame);
    if (frame.confirm) answer();
  }, { host });
  return { ...server, arrived };
}

const ends = [
  ['with nothing more to do', '', { code: 0, signal: null }],
  ['by process.exit', 'setTimeout(() => process.exit(3), 20);', { code: 3, signal: null }],
  ['by process.exit right after its start', 'process.exit(0);', { code: 0, signal: null }],
  ['by process.exit during a flush', 'weir.flush(); process.exit(0);', { code: 0, signal: null }],
  ['by process.exit during a close', 'weir.close(); process.exit(5);', { code: 5, signal: null }],
  ['by an uncaught error', 'throw new Error("meant");', { code: 1, signal: null }],
  ['by SIGTERM', 'console.log(1); setInterval(() => {}, 1000);', { code: null, signal: 'SIGTERM' }],
  ['by SIGTERM that the application handles',
    'process.on("SIGTERM", () => process.exit(4)); console.log(1); setInterval(() => {}, 1000);',
    { code: 4, signal: null }],
];

for (const [how, script, end] of ends) {
  test(`a process that ends ${how} sends its totals first`, async () => {
    const server = await lastFrameServer();
    const process = await runProcess(script, { address: server.address });
    assert.deepEqual(process.end, end, process.errors);
    assert.deepEqual((await server.arrived).records.map(({ value }) => value), [7]);
    server.close();
  });
}

test('a process that exits before the look-up of its server has ended sends them too', async () => {
  const server = await lastFrameServer({ host: 'localhost' });
  const address = `localhost:${server.port}`;
  const { end, errors } = await runProcess('process.exit(0);', { address });
  assert.deepEqual([end, errors], [{ code: 0, signal: null }, '']);
  assert.deepEqual((await server.arrived).records.map(({ value }) => value), [7]);
  server.close();
});

test('process.exit sends again the frames that close has no answer to, and no others', async () => {
  const { end, output } = await runProcess(`
    import { writeSync } from 'node:fs';
    const transport = {
      frameBytesMax: 256, answersComeBySocket: true,
      async send() { return 'unknown'; },
      sendNow(frames) { sequences = frames.map((frame) => frame[13]); },
    };
    let sequences;
    const other = createClient({ transport, processMetrics: false, flushInterval: 0,
      clock: { now: () => 1, monotonic: () => 1, uptime: () => 1, after: () => () => {} } });
    for (let user = 0; user < 40; user += 1) other.counter('y_total').inc({ user: 'u'.repeat(20) + user });
    other.close({ timeout: 60_000 });
    while (!transport.onAnswer) await null;
    transport.onAnswer(Buffer.from([0xf7, 0x57, 1, 128, ...other.instanceID, 2]));
    process.on('exit', () => writeSync(1, JSON.stringify(sequences)));
    process.exit(6);`, { address: '127.0.0.1:9' });
  assert.deepEqual(end, { code: 6, signal: null });
  const sequences = JSON.parse(output);
  assert.ok(sequences.length > 3);
  assert.deepEqual(sequences, [1, ...sequences.map((_, index) => index + 3).slice(0, -1)]);
});

/** An HTTP server that answers with `status`; 0 means no answer. */
async function requestServer(status) {
  const totals = [];
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { authorization } = request.headers;
    for (const { final, records } of framesOfBody(Buffer.concat(parts))) {
      totals.push({ final, authorization, values: records.map(({ value }) => value) });
    }
    if (status > 0) response.writeHead(status).end();
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    totals,
    url: `http://me:secret@localhost:${server.address().port}/api/v1/push`,
    close() {
      server.closeAllConnections?.();
      server.close();
    },
  };
}

test('process.exit sends them over HTTP too, with the password, and waits for a second at most', async () => {
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  for (const status of [204, 500, 0]) {
    const server = await requestServer(status);
    const { end, errors } = await runProcess('process.exit(0);', { url: server.url });
    assert.deepEqual([end, errors], [{ code: 0, signal: null }, ''], `${status}`);
    assert.deepEqual(server.totals, [{ final: true, authorization, values: [7] }], `${status}`);
    server.close();
  }
});

test('process.exit ends the process although there is no server', async () => {
  for (const options of [
    { address: '127.0.0.1:9' }, { address: 'no-such-host.invalid:8125' }, { url: 'http://127.0.0.1:9/' },
  ]) {
    const { end, errors } = await runProcess('process.exit(3);', options);
    assert.deepEqual([end, errors], [{ code: 3, signal: null }, ''], JSON.stringify(options));
  }
});
