// The metrics of the process itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientWithoutNetwork } from './support.mjs';

const totals = new Set(['counter', 'histogram']);
const sentBy = (frames) => frames.flatMap((frame) => frame.records).filter(({ type }) => type !== 'meta');
const types = (records) => Object.fromEntries(records.map(({ name, type }) => [name, type]));

const always = {
  process_resident_memory_bytes: 'gauge', process_heap_bytes: 'gauge',
  process_cpu_user_seconds_total: 'counter', process_cpu_system_seconds_total: 'counter',
  process_uptime_seconds: 'gauge', nodejs_eventloop_lag_seconds: 'gauge',
  nodejs_version_info: 'gauge',
};

test('gauges are of each process, by its instance, and processor time is of all processes together', async () => {
  const { client, flush } = clientWithoutNetwork({ processMetrics: true, instance: 'pod-7' });
  const records = sentBy(await flush());
  assert.deepEqual(types(records), always);
  for (const { name, type, labels, value } of records) {
    const own = totals.has(type) ? undefined : 'pod-7';
    assert.equal(labels.instance, own, name);
    assert.ok(value >= 0, name);
  }
  const version = records.find(({ name }) => name === 'nodejs_version_info');
  assert.deepEqual([version.value, version.labels.version], [1, process.version]);
  // The server would add up the processor times of two.
  const second = clientWithoutNetwork({ processMetrics: true });
  assert.deepEqual(sentBy(await second.flush()), []);
  await client.close({ timeout: 1 });
});

test('processor time is of each process if an option asks for it', async () => {
  const { client, flush } = clientWithoutNetwork({
    processMetrics: true, perProcessCpu: true, instance: 'pod-7',
  });
  for (const { name, labels } of sentBy(await flush())) assert.equal(labels.instance, 'pod-7', name);
  await client.close({ timeout: 1 });
});

test('the last frames have the processor time up to then', async () => {
  const { client, flush, frames } = clientWithoutNetwork({ processMetrics: true });
  const user = (sent) => sentBy(sent).find(({ name }) => name === 'process_cpu_user_seconds_total').value;
  const before = user(await flush());
  while (process.cpuUsage().user / 1e6 <= before);
  frames.length = 0;
  await client.close({ timeout: 1 });
  assert.ok(user(frames) > before);
});

/** The names of prom-client's collectDefaultMetrics on Linux, with the labels of each. */
const gauges = [
  'process_start_time_seconds', 'process_virtual_memory_bytes', 'process_open_fds', 'process_max_fds',
  ...['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((part) => `nodejs_eventloop_lag_${part}_seconds`),
  'nodejs_active_resources type', 'nodejs_active_resources_total', 'nodejs_active_handles type',
  'nodejs_active_handles_total', 'nodejs_active_requests type', 'nodejs_active_requests_total',
  'nodejs_heap_size_total_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes',
  'nodejs_heap_space_size_total_bytes space', 'nodejs_heap_space_size_used_bytes space',
  'nodejs_heap_space_size_available_bytes space', 'nodejs_version_info major,minor,patch,version',
];

/** Flushes until each of `names` was sent; returns the last record of each series. */
async function flushUntil({ clock, flush }, names) {
  const all = new Map();
  const isSent = (name) => [...all.values()].some((record) => record.name === name);
  for (let turn = 0; !names.every(isSent); turn += 1) {
    assert.ok(turn < 500, `not sent: ${names.filter((name) => !isSent(name))}`);
    await sleep(20);
    clock.advance(5000);
    for (const record of sentBy(await flush())) {
      all.set(`${record.name} ${JSON.stringify(record.labels)}`, record);
    }
  }
  return [...all.values()];
}

test('prom-client\'s default metrics, under their names and with their labels', async () => {
  const { default: fs } = await import('node:fs');
  const own = clientWithoutNetwork({ defaultMetrics: true, processMetrics: true, instance: 'pod-7' });
  const names = gauges.map((gauge) => gauge.split(' ')[0]);
  // Keeps a request in the thread pool, and causes garbage collections.
  const watching = setInterval(() => {
    fs.stat('/', () => {});
    Array.from({ length: 1e5 }, (_, index) => ({ index }));
  }, 1);
  const records = await flushUntil(own, [
    ...Object.keys(always), ...names.filter((name) => name !== 'nodejs_active_requests'),
    'nodejs_gc_duration_seconds',
  ]);
  clearInterval(watching);
  for (const gauge of gauges) {
    const [name, labels = ''] = gauge.split(' ');
    for (const record of records.filter((each) => each.name === name)) {
      assert.equal(record.type, 'gauge', name);
      const { instance, ...others } = record.labels;
      assert.equal(instance, 'pod-7', name);
      assert.equal(Object.keys(others).sort().join(), labels, name);
      assert.ok(record.value >= 0 || Number.isNaN(record.value), name);
    }
  }
  const value = (name) => records.find((record) => record.name === name).value;
  assert.ok(value('process_heap_bytes') > value('nodejs_heap_size_used_bytes'), 'the data segment');
  assert.ok(value('nodejs_eventloop_lag_p99_seconds') >= value('nodejs_eventloop_lag_p50_seconds'));
  const spaces = records.filter(({ name }) => name === 'nodejs_heap_space_size_used_bytes');
  assert.ok(spaces.some(({ labels }) => labels.space === 'old'));
  for (const { labels } of records.filter(({ name }) => name === 'nodejs_gc_duration_seconds')) {
    assert.match(labels.kind, /^(major|minor|incremental|weakcb)$/);
    assert.equal(labels.instance, undefined, 'of all processes together');
  }
  const known = new Set([...Object.keys(always), ...names, 'nodejs_gc_duration_seconds']);
  assert.deepEqual(records.map(({ name }) => name).filter((name) => !known.has(name)), []);
  await own.client.close({ timeout: 1 });
});

test('handles are counted by type, and a type without handles is removed', async (context) => {
  class Door {}
  let handles = [new Door(), new Date(), new Door()];
  context.mock.method(process, '_getActiveHandles', () => handles);
  const own = clientWithoutNetwork({ defaultMetrics: true, processMetrics: true });
  const byType = (records) => Object.fromEntries(records
    .filter(({ name }) => name.startsWith('nodejs_active_handles'))
    .map(({ labels, value }) => [labels.type ?? 'total', value]));
  assert.deepEqual(byType(sentBy(await own.flush())), { Door: 2, Date: 1, total: 3 });
  handles = [new Door()];
  own.clock.advance(5000);
  assert.deepEqual(byType(sentBy(await own.flush())), { Door: 1, Date: NaN, total: 1 });
  await own.client.close({ timeout: 1 });
});

test('the sum of processor times is sent only with a label, because Weir has its own one without', async () => {
  for (const [options, labels] of [
    [{ perProcessCpu: true, instance: 'pod-7' }, { instance: 'pod-7' }],
    [{ labels: { service: 'gateway' } }, {}], [{}, undefined],
  ]) {
    const { client, flush } = clientWithoutNetwork({
      processMetrics: true, defaultMetrics: true, ...options,
    });
    const sum = sentBy(await flush()).find(({ name }) => name === 'process_cpu_seconds_total');
    assert.deepEqual(sum?.labels, labels);
    await client.close({ timeout: 1 });
  }
});
