// Removed series: gauges leave the server; totals are kept, and continue where they were.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientWithoutNetwork } from './support.mjs';

const records = (frames) => frames.flatMap((frame) => frame.records);
const sentBy = async (flush) => records(await flush()).filter(({ type }) => type !== 'meta')
  .map(({ name, labels, value, sum }) => [name, Object.values(labels).join(), value ?? sum]);

/** Flushes until nothing of `name` is sent in a whole cycle; returns all that was sent of it. */
async function flushUntilSilent(flush, name) {
  const all = [];
  for (let silent = 0; silent < 7;) {
    const seen = (await sentBy(flush)).filter(([each]) => each === name);
    silent = seen.length > 0 ? 0 : silent + 1;
    all.push(...seen);
    assert.ok(all.length < 100, 'it is sent without end');
  }
  return all;
}

test('a removed total is sent a last time, and continues where it was if it is recorded again', async () => {
  const { client, flush, frames } = clientWithoutNetwork();
  const counter = client.counter('c_total', { labelNames: ['user'] });
  const handle = counter.labels({ user: 'a' });
  handle.inc(5);
  counter.remove({ user: 'a' });
  assert.deepEqual(client.snapshot(), []);
  const last = await flushUntilSilent(flush, 'c_total');
  assert.ok(last.length >= 3, 'as often as any change, because datagrams get lost');
  for (const each of last) assert.deepEqual(each, ['c_total', 'a', 5]);
  handle.inc();
  assert.deepEqual(await sentBy(flush), [['c_total', 'a', 6]], 'through a handle');
  assert.equal(client.snapshot()[0].value, 6);
  counter.remove('a');
  await flushUntilSilent(flush, 'c_total');
  assert.equal(counter.labels('a'), handle);
  counter.inc({ user: 'a' });
  assert.deepEqual(await sentBy(flush), [['c_total', 'a', 7]], 'through its labels');
  for (let flushes = 0; flushes < 30; flushes += 1) await flush();
  frames.length = 0;
  await client.close({ timeout: 1 });
  assert.deepEqual(frames[0].records.map(({ value }) => value), [7]);
});

test('a total that is recorded after remove and before the flush is not removed', async () => {
  const { client, flush } = clientWithoutNetwork();
  const counter = client.counter('c_total').labels({});
  counter.inc(2);
  counter.remove();
  counter.inc();
  let count = 0;
  for (let flushes = 0; flushes < 20; flushes += 1) count += (await sentBy(flush)).length;
  assert.ok(count >= 6, 'it is repeated like any other');
  assert.equal(client.snapshot()[0].value, 3);
});

test('a histogram continues where it was too', async () => {
  const { client, flush } = clientWithoutNetwork();
  const histogram = client.histogram('h', { bounds: [1, 2] });
  histogram.observe({ a: 'b' }, 1.5);
  histogram.clear();
  await flushUntilSilent(flush, 'h');
  histogram.observe({ a: 'b' }, 0.5);
  const [record] = records(await flush());
  assert.deepEqual([record.sum, record.buckets], [2, [[0, 1], [1, 1]]]);
});

test('a removed gauge leaves the server, and a later one with its labels is new', async () => {
  const { client, clock, flush } = clientWithoutNetwork();
  const gauge = client.gauge('g');
  const old = gauge.labels({ a: 'b' });
  old.set(7);
  await flush();
  gauge.remove({ a: 'b' });
  gauge.remove({ a: 'never seen' });
  const last = await flushUntilSilent(flush, 'g');
  for (const each of last) assert.deepEqual(each, ['g', 'b', NaN]);
  clock.advance(9000);
  // The labels are written in another way, so that the client must compare them.
  gauge.set({ c: '', a: 'b' }, 1);
  old.inc(3);
  assert.deepEqual(records(await flush()), [
    { type: 'gauge', name: 'g', labels: { a: 'b' }, merge: 0, value: 4, held: 0 },
  ], 'the old handle and the new series are one');
  assert.deepEqual(client.snapshot().map(({ value }) => value), [4]);
});

test('an old handle of a removed gauge that was not replaced can be used again', async () => {
  const { client, flush } = clientWithoutNetwork();
  const old = client.gauge('g').labels({ a: 'b' });
  old.set(7);
  old.remove();
  await flushUntilSilent(flush, 'g');
  old.set(8);
  assert.deepEqual(await sentBy(flush), [['g', 'b', 8]]);
  client.gauge('g').set({ a: 'b' }, 9);
  assert.deepEqual(await sentBy(flush), [['g', 'b', 9]]);
  assert.equal(client.snapshot().length, 1);
});

test('clear and reset remove all series of a metric', async () => {
  const { client, flush } = clientWithoutNetwork();
  const gauge = client.gauge('g');
  for (const method of ['clear', 'reset']) {
    gauge.set(1);
    gauge.set({ a: 'b' }, 2);
    await flush();
    gauge[method]();
    assert.deepEqual(await sentBy(flush), [['g', '', NaN], ['g', 'b', NaN]]);
    await flushUntilSilent(flush, 'g');
  }
});

test('removed gauges always make room; removed totals do, up to as many as the limit on series', async () => {
  const { client, flush } = clientWithoutNetwork({ seriesMax: 3 });
  const gauge = client.gauge('g');
  for (let turn = 0; turn < 10; turn += 1) {
    for (const part of [0, 1, 2]) gauge.set({ connection: `${turn}-${part}` }, 1);
    gauge.clear();
    await flushUntilSilent(flush, 'g');
  }
  assert.equal(client.stats.samplesOverflowed, 0);
  const counter = client.counter('c_total');
  const fill = async (turn) => {
    for (const part of [0, 1, 2]) counter.inc({ user: `${turn}-${part}` });
    counter.clear();
    await flushUntilSilent(flush, 'c_total');
  };
  await fill(0);
  await fill(1);
  assert.equal(client.stats.samplesOverflowed, 0);
  await fill(2);
  assert.equal(client.stats.samplesOverflowed, 3, 'only six places are remembered or used');
  counter.inc({ user: '0-0' });
  assert.equal(client.stats.samplesOverflowed, 3);
  const again = (await sentBy(flush)).filter(([name]) => name === 'c_total');
  assert.deepEqual(again, [['c_total', '0-0', 2]], 'and continues where it was');
});

test('a sample after close is counted, reported once, and pushed by the next client of the process', async () => {
  const errors = [];
  const { client } = clientWithoutNetwork({ onError: (error) => errors.push(error.message) });
  const counter = client.counter('c_total').labels({});
  const gauge = client.gauge('g').labels({});
  counter.inc();
  gauge.set(1);
  await client.close({ timeout: 1 });
  assert.equal(client.stats.samplesAfterClose, 0);
  counter.inc();
  gauge.set(2);
  gauge.inc();
  client.histogram('h').observe(1);
  client.counter('other_total').inc({ a: 'b' });
  counter.setTotal(100);
  assert.equal(client.stats.samplesAfterClose, 6);
  assert.deepEqual(errors, [
    'c_total was recorded after close; samples after close are counted but not sent.',
  ]);
  assert.equal(client.snapshot().find(({ name }) => name === 'c_total').value, 1, 'what was sent');
  const next = clientWithoutNetwork();
  const sent = records(await next.flush()).filter(({ type }) => type === 'counter');
  assert.deepEqual(sent.map(({ name, value }) => [name, value]), [
    ['push_client_samples_after_close_total', 6],
  ]);
  const third = clientWithoutNetwork();
  assert.deepEqual(records(await third.flush()), [], 'once');
});
