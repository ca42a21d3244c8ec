// Methods that users of other client libraries know.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientWithoutNetwork, weir } from './support.mjs';

const { exponentialBounds, linearBounds } = weir;

const values = (client) => Object.fromEntries(client.snapshot().map(
  ({ name, labels, value, count }) => [[name, ...Object.values(labels)].join(), value ?? count]));

test('labels can be given by their values, in the order of labelNames', () => {
  const { client } = clientWithoutNetwork();
  const counter = client.counter('c_total', { labelNames: ['method', 'status'] });
  counter.labels('GET', 200).inc();
  counter.inc({ status: '200', method: 'GET' });
  counter.labels({ method: 'GET' }).inc(4);
  assert.deepEqual(values(client), { 'c_total,GET,200': 2, 'c_total,GET': 4 });
  counter.remove('GET', '200');
  assert.deepEqual(values(client), { 'c_total,GET': 4 });
});

test('a gauge is set to the current time in seconds', () => {
  const { client, clock } = clientWithoutNetwork();
  clock.wall = 1_700_000_000_250;
  client.gauge('g').setToCurrentTime();
  client.gauge('g').setToCurrentTime({ a: 'b' });
  assert.deepEqual(values(client), { g: 1_700_000_000.25, 'g,b': 1_700_000_000.25 });
});

test('a function is called before each flush, until it is replaced by null or the gauge is removed', async () => {
  const errors = [];
  const { client, flush } = clientWithoutNetwork({ onError: (error) => errors.push(error.message) });
  let calls = 0;
  const gauge = client.gauge('g');
  gauge.setFunction(() => { calls += 1; return calls; });
  gauge.setFunction({ a: 'b' }, () => { throw new Error('broken'); });
  gauge.labels({ a: 'c' }).setFunction(() => 'none');
  gauge.labels({ a: 'd' }).setFunction(async () => { throw new Error('late'); });
  await flush();
  await flush();
  assert.deepEqual(values(client), { g: 2 });
  assert.equal(client.stats.valuesRefused, 4, 'a string and a promise are not values');
  assert.deepEqual([...new Set(errors)].sort(), ['broken', 'late']);
  gauge.setFunction(null);
  await flush();
  assert.deepEqual([calls, values(client).g], [2, 2]);
  gauge.setFunction(() => 9);
  gauge.remove();
  await flush();
  assert.equal(values(client).g, undefined);
});

test('a collector whose promise rejects is reported, and does not end the process', async () => {
  const errors = [];
  const { client, flush } = clientWithoutNetwork({ onError: (error) => errors.push(error.message) });
  client.collect(async () => { throw new Error('one'); });
  client.gauge('g', { async collect() { throw new Error('two'); } });
  await flush();
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(errors.sort(), ['one', 'two']);
});

test('a timer observes seconds, with labels that are known at its end', () => {
  const { client } = clientWithoutNetwork();
  const histogram = client.histogram('h', { labelNames: ['route', 'status'] });
  const stop = histogram.startTimer({ route: '/a' });
  const seconds = stop({ status: 200 });
  histogram.labels({ route: '/b' }).startTimer()();
  const shown = client.snapshot().map(({ labels, count, sum }) => [labels, count, sum]);
  assert.deepEqual(shown[0], [{ route: '/a', status: '200' }, 1, seconds]);
  assert.deepEqual(shown[1].slice(0, 2), [{ route: '/b' }, 1]);
  assert.equal(shown.length, 2, 'there is no series without the labels of the end');
  assert.throws(() => histogram.startTimer({ rout: '/a' }), /the label "rout" is not in its labelNames/);
  const gauge = client.gauge('g');
  const last = gauge.startTimer()();
  assert.equal(values(client).g, last);
});

test('a gauge is one higher while work is in progress, however it ends', async () => {
  const { client } = clientWithoutNetwork();
  const gauge = client.gauge('in_progress', { merge: 'sum' });
  const now = () => values(client).in_progress;
  assert.equal(gauge.trackInProgress(() => `${now()}`), '1');
  assert.equal(now(), 0);
  assert.throws(() => gauge.trackInProgress(() => { throw new Error('meant'); }), /meant/);
  assert.equal(now(), 0);
  let finish;
  const pending = gauge.trackInProgress(() => new Promise((resolve) => { finish = resolve; }));
  const failing = gauge.trackInProgress(async () => { throw new Error('meant'); });
  assert.equal(now(), 2);
  await assert.rejects(failing, /meant/);
  assert.equal(now(), 1);
  finish('done');
  assert.equal(await pending, 'done');
  assert.equal(now(), 0);
  gauge.trackInProgress({ a: 'b' }, () => assert.equal(values(client)['in_progress,b'], 1));
});

test('a counter counts exceptions, or only those of a class', async () => {
  const { client } = clientWithoutNetwork();
  const counter = client.counter('errors_total');
  assert.equal(counter.countExceptions(() => 7), 7);
  assert.equal(await counter.countExceptions(async () => 8), 8);
  assert.throws(() => counter.countExceptions(() => { throw new Error('meant'); }), /meant/);
  await assert.rejects(counter.countExceptions(async () => { throw new Error('meant'); }), /meant/);
  const fail = (error) => () => { throw error; };
  for (const error of [new TypeError('t'), new RangeError('r')]) {
    assert.throws(() => counter.countExceptions({ a: 'b' }, fail(error), TypeError), error);
    assert.throws(() => counter.labels({ a: 'c' }).countExceptions(fail(error)), error);
  }
  assert.deepEqual(values(client), { errors_total: 2, 'errors_total,b': 1, 'errors_total,c': 2 });
});

test('a series without room still calls the work that it is given', async () => {
  const { client } = clientWithoutNetwork({ seriesMax: 1 });
  client.counter('c_total').inc();
  const gauge = client.gauge('g');
  assert.equal(gauge.trackInProgress(() => 7), 7);
  assert.throws(() => client.counter('c_total').countExceptions({ a: 1 }, () => { throw new Error('x'); }), /x/);
  gauge.setToCurrentTime();
  gauge.setFunction(() => 7);
  assert.ok(client.histogram('h').startTimer({ a: 1 })({ b: 2 }) >= 0);
  assert.equal(client.stats.samplesOverflowed, 5);
});

test('bounds that are linear or exponential', () => {
  assert.deepEqual(linearBounds(0.1, 0.1, 5), [0.1, 0.2, 0.3, 0.4, 0.5]);
  assert.deepEqual(linearBounds(-10, 10, 3), [-10, 0, 10]);
  assert.deepEqual(exponentialBounds(0.001, 10, 4), [0.001, 0.01, 0.1, 1]);
  assert.deepEqual(exponentialBounds(1, 1.5, 3), [1, 1.5, 2.25]);
});
