// What is recorded, and when and how it is sent, without a network.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientWithoutNetwork } from './support.mjs';

const records = (frames) => frames.flatMap((frame) => frame.records);

test('a counter sends its total, however its labels are written', async () => {
  const { client, flush } = clientWithoutNetwork();
  const counter = client.counter('requests_total');
  counter.inc({ provider: 'openai', status: 'ok' });
  counter.inc({ status: 'ok', provider: 'openai' }, 2);
  counter.labels({ provider: 'openai', status: 'ok', model: undefined, user: '' }).inc(4);
  counter.inc();
  assert.deepEqual(records(await flush()), [
    { type: 'counter', name: 'requests_total', labels: { provider: 'openai', status: 'ok' }, value: 7,
      began: 0 },
    { type: 'counter', name: 'requests_total', labels: {}, value: 1, began: 0 },
  ]);
});

test('labels that have the same text when joined are two series', () => {
  const { client } = clientWithoutNetwork();
  const counter = client.counter('x_total');
  assert.notEqual(counter.labels({ a: '1', b: '2' }), counter.labels({ a: '11,1,b2' }));
  assert.notEqual(counter.labels({ ab: 'c' }), counter.labels({ a: 'bc' }));
  assert.equal(counter.labels({ a: 1 }), counter.labels({ a: '1' }));
});

test('label names that Prometheus does not allow are changed, and unpaired surrogates are replaced', () => {
  const { client } = clientWithoutNetwork();
  const gauge = client.gauge('x');
  assert.equal(gauge.labels({ 'a-b': 'c' }), gauge.labels({ a_b: 'c' }));
  assert.equal(gauge.labels({ '1a': 'c' }), gauge.labels({ _1a: 'c' }));
  assert.equal(gauge.labels({ a: '\ud800' }), gauge.labels({ a: '\ufffd' }));
});

test('a label that repeats a common one is the same series, and another value overrides it', async () => {
  const { client, flush } = clientWithoutNetwork({ labels: { region: 'eu' } });
  const counter = client.counter('x_total');
  assert.equal(counter.labels({ region: 'eu' }), counter.labels({}));
  counter.inc({ region: 'us' });
  const [frame] = await flush();
  assert.deepEqual(frame.common, { region: 'eu' });
  assert.deepEqual(frame.records.map((record) => record.labels), [{}, { region: 'us' }]);
});

test('a histogram counts each observation in the first bucket that holds it', async () => {
  const { client, flush } = clientWithoutNetwork();
  const own = client.histogram('own', { bounds: [1, 10, Infinity] });
  for (const value of [-1, 1, 1.5, 10, 11]) own.observe(value);
  const standard = client.histogram('standard').labels({});
  for (const value of [0.005, 120, 121]) standard.observe(value);
  assert.deepEqual(records(await flush()), [
    { type: 'histogram', name: 'own', labels: {}, bounds: [1, 10], sum: 22.5,
      buckets: [[0, 2], [1, 2], [2, 1]], began: 0 },
    { type: 'histogram', name: 'standard', labels: {}, bounds: null, sum: 241.005,
      buckets: [[0, 1], [13, 1], [14, 1]], began: 0 },
  ]);
});

test('a timer observes seconds', () => {
  const { client } = clientWithoutNetwork();
  const stop = client.histogram('x').startTimer({ a: 'b' });
  const seconds = stop();
  assert.deepEqual(client.snapshot().map(({ count, sum }) => ({ count, sum })), [
    { count: 1, sum: seconds },
  ]);
});

test('gauges are set, changed and removed, and are sent with their merge', async () => {
  const { client, flush } = clientWithoutNetwork();
  const gauge = client.gauge('in_flight', { merge: 'sum' }).labels({});
  assert.deepEqual(await flush().then(records), []);
  gauge.inc();
  gauge.inc(4);
  gauge.dec(2);
  const record = { type: 'gauge', name: 'in_flight', labels: {}, merge: 1 };
  assert.deepEqual(await flush().then(records), [{ ...record, value: 3, held: 0 }]);
  gauge.remove();
  assert.deepEqual(await flush().then(records), [{ ...record, value: NaN }]);
  assert.deepEqual(client.snapshot(), []);
  const repeats = [];
  for (let flushes = 1; flushes < 200; flushes += 1) {
    if ((await flush().then(records)).length > 0) repeats.push(flushes);
  }
  assert.deepEqual(repeats, [1, 2, 4], 'the schedule of a cycle of six flushes, and no more');
});

test('exemplars are sent once, the latest of each bucket, with their age', async () => {
  const { client, clock, flush } = clientWithoutNetwork();
  const histogram = client.histogram('x', { bounds: [1] });
  histogram.labels({}).observe(0.25, { trace_id: 'a' });
  histogram.labels({}).observe(0.5, { trace_id: 'b' });
  histogram.observe({}, 2, { trace_id: 'c' });
  client.counter('y_total').inc({}, 1, { trace_id: 'long'.repeat(40) });
  clock.advance(7);
  const [first, second] = await flush().then(records);
  assert.deepEqual(first.exemplars, [
    { labels: { trace_id: 'b' }, value: 0.5, age: 7 }, { labels: { trace_id: 'c' }, value: 2, age: 7 },
  ]);
  assert.equal(second.exemplars, undefined, 'more than 128 characters');
  assert.equal((await flush().then(records))[0].exemplars, undefined);
});

test('recording never throws, and refuses values that are not valid', () => {
  const { client } = clientWithoutNetwork();
  const evil = { toString() { throw new Error('no'); } };
  const counter = client.counter('c_total');
  const wrong = [NaN, Infinity, -Infinity, '1', 1n, {}.x === 0, Symbol('x'), () => 1];
  for (const value of [...wrong, -1]) counter.labels({}).inc(value);
  for (const value of wrong) {
    client.gauge('g').labels({}).set(value);
    client.histogram('h').labels({}).observe(value);
  }
  counter.inc({ a: Symbol('fine') });
  assert.equal(client.stats.valuesRefused, 25);
  counter.inc({ a: evil });
  counter.inc({ a: Object.create(null) });
  counter.labels({}).inc(1, { trace: evil });
  counter.setTotal(5);
  counter.setTotal(3);
  assert.equal(client.stats.valuesRefused, 29);
  const plain = client.snapshot().find(({ name, labels }) => name === 'c_total' && !labels.a);
  assert.equal(plain.value, 5, 'a total never decreases');
});

test('a total that does not change is sent again after 1, 2, 4, 8, 16 and 32 flushes, and then once in 60', async () => {
  // The options ask for a flush a second, but the test is over before the timer's first one.
  const { client, flush } = clientWithoutNetwork({ flushInterval: 1000 });
  const first = client.counter('x_total').labels({});
  const second = client.counter('y_total').labels({});
  const turns = { x_total: [], y_total: [] };
  const run = async (count) => {
    for (const turn of Object.values(turns)) turn.length = 0;
    for (let number = 0; number < count; number += 1) {
      for (const { name } of await flush().then(records)) turns[name].push(number);
    }
  };
  first.inc();
  await run(220);
  assert.deepEqual(turns.x_total, [0, 1, 2, 4, 8, 16, 32, 92, 152, 212]);
  assert.deepEqual(turns.y_total, [0, 1, 2, 4, 8, 16, 32, 91, 151, 211], 'a later series is repeated in another flush');
  first.inc();
  await run(5);
  assert.deepEqual(turns, { x_total: [0, 1, 2, 4], y_total: [] });
  second.inc();
  await run(3);
  second.inc();
  await run(3);
  assert.deepEqual(turns.y_total, [0, 1, 2], 'a change restarts the schedule');
  await client.close({ timeout: 1 });
});

test('an idle client sends a frame every 15 s', async () => {
  const { clock, flush } = clientWithoutNetwork();
  const [first] = await flush();
  assert.deepEqual([first.sequence, first.records], [1, []]);
  clock.advance(14_999);
  assert.equal((await flush()).length, 0);
  clock.advance(1);
  const [second] = await flush();
  assert.deepEqual([second.sequence, second.age, second.records], [2, 15_000, []]);
});

test('records are packed into frames of 1,432 bytes at most, each readable by itself', async () => {
  const { client, flush } = clientWithoutNetwork({ labels: { service: 'gateway' } });
  const counter = client.counter('requests_total');
  const histogram = client.histogram('seconds', { bounds: [0.5, 1.5] });
  for (let user = 0; user < 300; user += 1) {
    counter.inc({ user: `user-${user}` }, user);
    histogram.observe({ user: `user-${user}` }, user / 100);
  }
  const frames = await flush();
  assert.ok(frames.length > 5);
  assert.deepEqual(frames.map((frame) => frame.sequence), frames.map((_, index) => index + 1));
  for (const frame of frames) {
    assert.ok(frame.bytes <= 1432, `${frame.bytes} bytes`);
    assert.deepEqual(frame.common, { service: 'gateway' });
  }
  for (const frame of frames.slice(0, -1)) assert.ok(frame.bytes > 1380, `${frame.bytes} bytes`);
  const all = records(frames);
  assert.equal(all.length, 600);
  for (const { type, labels, value, sum } of all) {
    const user = Number(labels.user.slice(5));
    assert.equal(type === 'counter' ? value : sum, type === 'counter' ? user : user / 100);
  }
});

test('a series that is too long for a frame of the usual size gets its own frame', async () => {
  const { client, flush } = clientWithoutNetwork();
  const counter = client.counter('x_total');
  counter.inc({ size: 'small' });
  counter.inc({ size: 'l'.repeat(3000) });
  counter.inc({ size: 'medium' });
  assert.deepEqual((await flush()).map((frame) => frame.records.length), [1, 1, 1]);
});

test('series that exceed the limit, or are too long, are counted and not kept', async () => {
  const { client, flush } = clientWithoutNetwork({ seriesMax: 2 });
  const counter = client.counter('x_total');
  for (let user = 0; user < 10; user += 1) counter.inc({ user });
  client.histogram('y').observe(1);
  client.gauge('z').labels({}).set(1);
  client.histogram('y').startTimer()();
  assert.equal(client.stats.samplesOverflowed, 11);
  const totals = records(await flush()).filter(({ type }) => type !== 'meta');
  assert.deepEqual(totals.map(({ name, labels, value }) => [name, labels.user, value]), [
    ['x_total', '0', 1], ['x_total', '1', 1],
    ['push_client_series_overflow_total', undefined, 11],
  ]);
  const { client: other } = clientWithoutNetwork();
  other.counter('x_total').inc({ text: 'é'.repeat(2100) });
  assert.equal(other.stats.samplesOverflowed, 1, '4 KiB of UTF-8');
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, 'x']));
  other.counter('x_total').inc(many);
  assert.equal(other.stats.samplesOverflowed, 2, '64 labels');
});

test('unit and help are sent with the first total', async () => {
  const { client, flush } = clientWithoutNetwork();
  client.counter('x_bytes_total', { unit: 'bytes', help: 'What passed.' }).inc(1);
  assert.deepEqual(records(await flush())[0], {
    type: 'meta', name: 'x_bytes_total', unit: 'bytes', help: 'What passed.',
  });
});

test('a collector that throws stops neither the flush nor the process', async () => {
  const errors = [];
  const { client, flush } = clientWithoutNetwork({
    onError(error) { errors.push(error.message); throw new Error('again'); },
  });
  client.collect(() => { throw new Error('broken'); });
  client.counter('x_total').inc();
  assert.equal(records(await flush()).length, 1);
  assert.deepEqual(errors, ['broken']);
});

test('the last frames have all totals and no gauges', async () => {
  const { client, flush, frames } = clientWithoutNetwork();
  client.counter('x_total').inc();
  client.gauge('y').set(1);
  await flush();
  frames.length = 0;
  assert.equal(await client.close({ timeout: 1 }), false);
  assert.deepEqual([frames[0].final, frames[0].confirm], [true, true]);
  assert.deepEqual(frames[0].records.map(({ name }) => name), ['x_total']);
});
