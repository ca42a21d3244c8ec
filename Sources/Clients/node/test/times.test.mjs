// Times in frames: when a frame was sent, the age of the instance, when a series began, and how long a
// gauge has had its value; with clocks that are wrong, are corrected, or stand still.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientWithoutNetwork, datagramServer, weir } from './support.mjs';

const { createClient } = weir;

const HOUR = 3_600_000;
const only = (frames) => {
  assert.equal(frames.length, 1);
  return frames[0];
};

test('every frame begins with the wall time of its sending, and start does not change', async () => {
  const { client, clock, flush, frames } = clientWithoutNetwork();
  const start = clock.wall;
  const counter = client.counter('x_total');
  for (let user = 0; user < 200; user += 1) counter.inc({ user });
  for (const frame of await flush()) assert.deepEqual([frame.start, frame.sent, frame.age], [start, start, 0]);
  clock.advance(5000);
  // The clock was a day late, and is corrected.
  clock.wall += 24 * HOUR;
  counter.inc({ user: 1 });
  const put = await flush();
  assert.ok(put.length > 1);
  for (const frame of put) {
    assert.deepEqual([frame.start, frame.sent, frame.age], [start, start + 5000 + 24 * HOUR, 5000]);
  }
  frames.length = 0;
  await client.close({ timeout: 1 });
  assert.equal(frames[0].sent, clock.wall - 1, 'and so does the last frame, which was made before the timeout');
});

test('the age is monotonic, and contains the time that the machine was suspended', async () => {
  const { client, clock, flush } = clientWithoutNetwork();
  const counter = client.counter('x_total').labels({});
  const age = async () => {
    counter.inc();
    return only(await flush()).age;
  };
  clock.advance(1000);
  assert.equal(await age(), 1000);
  clock.suspend(HOUR);
  clock.advance(1000);
  assert.equal(await age(), HOUR + 2000, 'suspended for an hour');
  clock.wall += 2 * HOUR;
  assert.equal(await age(), HOUR + 2000, 'the clock was set forward');
  clock.wall -= 5 * HOUR;
  clock.advance(3);
  assert.equal(await age(), HOUR + 2003, 'the clock was set back');
  clock.up += 1e6;
  clock.advance(1000);
  assert.equal(await age(), HOUR + 3003, 'the uptime alone has advanced');
  clock.suspend(1500);
  assert.equal(await age(), HOUR + 3003, 'too short to be distinguished from rounding');
  clock.suspend(2 * HOUR);
  clock.wall -= HOUR;
  assert.equal(await age(), 2 * HOUR + 3003, 'the smaller of the two differences');
});

test('a total is sent with the time when its series began, which never changes', async () => {
  const { client, clock, flush, frames } = clientWithoutNetwork();
  const began = (sent) => Object.fromEntries(
    sent.flatMap((frame) => frame.records).map((record) => [record.name, record.began]));
  client.counter('first_total').inc();
  clock.advance(40_000);
  client.histogram('second').observe(1);
  client.counter('third_total').inc({ a: 'b' });
  clock.suspend(HOUR);
  client.counter('fourth_total').inc();
  const expected = { first_total: 0, second: 40_000, third_total: 40_000, fourth_total: HOUR + 40_000 };
  assert.deepEqual(began(await flush()), expected);
  clock.advance(70_000);
  clock.wall -= 9 * HOUR;
  assert.deepEqual(began(await flush()), expected, 'in a repeat');
  frames.length = 0;
  await client.close({ timeout: 1 });
  assert.deepEqual(began(frames.slice(0, 1)), expected, 'in the last frames');
});

test('a gauge is sent with the time since its last setting: the same value counts, a repeat does not', async () => {
  const { client, clock, flush } = clientWithoutNetwork();
  const gauge = client.gauge('x').labels({});
  const held = async () => only(await flush()).records.map((record) => [record.value, record.held])[0];
  gauge.set(3);
  clock.advance(250);
  assert.deepEqual(await held(), [3, 250]);
  clock.advance(750);
  assert.deepEqual(await held(), [3, 1000], 'a repeat');
  clock.advance(500);
  gauge.set(3);
  clock.advance(20);
  assert.deepEqual(await held(), [3, 20], 'set to the same value');
  gauge.inc(2);
  clock.advance(5);
  assert.deepEqual(await held(), [5, 5]);
  gauge.set(6);
  clock.suspend(HOUR);
  assert.deepEqual(await held(), [6, HOUR], 'the machine was suspended after the setting');
  clock.suspend(HOUR);
  gauge.set(7);
  clock.advance(5);
  assert.deepEqual(await held(), [7, 5], 'the machine was suspended before the setting');
});

test('a corrected wall clock changes the time since a setting by one flush interval at most', async () => {
  const { client, clock, flush } = clientWithoutNetwork();
  const gauge = client.gauge('x').labels({});
  const held = async () => only(await flush()).records[0].held;
  gauge.set(1);
  await held();
  clock.advance(600);
  gauge.set(2);
  clock.wall += 24 * HOUR;
  clock.advance(400);
  assert.equal(await held(), 1000, 'since the last flush');
  gauge.set(3);
  clock.wall -= 24 * HOUR;
  clock.advance(400);
  assert.equal(await held(), 0);
  clock.advance(100);
  assert.equal(await held(), 100, 'later by the monotonic clock');
});

test('a value that is read before each flush is a new setting only if it has changed', async () => {
  const { client, clock, flush } = clientWithoutNetwork();
  let depth = 4;
  client.gauge('function').setFunction(() => depth);
  client.gauge('option', { collect() { this.set({ a: 'b' }, depth); } });
  const collected = client.gauge('collected');
  client.collect(() => collected.set(depth));
  const sent = async () => (await flush()).flatMap((frame) => frame.records)
    .map(({ name, value, held }) => [name, value, held]).sort();
  const all = (value, held) => ['collected', 'function', 'option'].map((name) => [name, value, held]);
  assert.deepEqual(await sent(), all(4, 0));
  clock.advance(1000);
  assert.deepEqual(await sent(), all(4, 1000), 'a repeat');
  clock.advance(1000);
  await sent();
  clock.advance(1000);
  assert.deepEqual(await sent(), [], 'not due, and not set');
  depth = 5;
  assert.deepEqual(await sent(), all(5, 0));
});

test('an idle client sends a frame every 15 s, although its wall clock was set back', async () => {
  const { clock, flush } = clientWithoutNetwork();
  assert.equal((await flush()).length, 1);
  clock.wall -= HOUR;
  clock.advance(15_000);
  const [frame] = await flush();
  assert.deepEqual([frame.age, frame.sent, frame.records], [15_000, clock.wall, []]);
});

test('without the clocks of a test, the times are those of the system', async () => {
  const frames = [];
  const server = await datagramServer((frame, answer) => {
    frames.push(frame);
    if (frame.final) answer();
  });
  const before = Date.now();
  const client = createClient({ address: server.address, flushInterval: 0, processMetrics: false });
  client.gauge('x').set(1);
  await sleep(30);
  client.counter('y_total').inc();
  await client.flush();
  await client.close();
  const [{ start, sent, age, records }] = frames;
  assert.ok(start >= before && sent >= start && sent <= Date.now());
  assert.ok(Math.abs(sent - start - age) <= 1000, `${sent} - ${start} is not ${age}`);
  const [gauge, counter] = records;
  assert.ok(gauge.held >= 25 && gauge.held <= age);
  assert.ok(counter.began >= 25 && counter.began <= age);
  server.close();
});
