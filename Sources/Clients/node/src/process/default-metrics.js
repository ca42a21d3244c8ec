// The further metrics of prom-client's collectDefaultMetrics, by its names.

'use strict';

const { readdirSync } = require('node:fs');
const {
  constants: performanceConstants, monitorEventLoopDelay, performance, PerformanceObserver,
} = require('node:perf_hooks');
const { getHeapSpaceStatistics } = require('node:v8');
const { processGauge, procFile } = require('./measures.js');

/** The resolution of prom-client. Node measures the time between two ticks of a timer. */
const DEFAULT_LAG_RESOLUTION_MILLISECONDS = 10;

function defaultMeasures(client, own, totals) {
  return [
    lagsMeasure(client, own), heapMeasure(client, own), activityMeasure(client, own),
    descriptorsMeasure(client, own), collectionsMeasure(client, totals),
    processorSumMeasure(client, totals),
  ].filter(Boolean);
}

/** The lag of the event loop: of one turn, and statistics of all ticks of a timer. */
function lagsMeasure(client, own) {
  const gauge = (part, help) => processGauge(
    client, own, `nodejs_eventloop_lag_${part}seconds`, help, 'seconds');
  const lag = gauge('', 'Lag of the event loop.');
  const statistics = [
    [gauge('min_', 'Least delay of the event loop.'), (delays) => delays.min],
    [gauge('max_', 'Longest delay of the event loop.'), (delays) => delays.max],
    [gauge('mean_', 'Mean delay of the event loop.'), (delays) => delays.mean],
    [gauge('stddev_', 'Standard deviation of the delays.'), (delays) => delays.stddev],
    ...[50, 90, 99].map((percent) => [
      gauge(`p${percent}_`, `Percentile ${percent} of the delays.`),
      (delays) => delays.percentile(percent),
    ]),
  ];
  const delays = monitorEventLoopDelay({ resolution: DEFAULT_LAG_RESOLUTION_MILLISECONDS });
  delays.enable();
  const read = () => {
    const start = performance.now();
    setImmediate(() => {
      if (!client.hasEnded) lag.set((performance.now() - start) / 1000);
    }).unref();
    // There is no statistic before the first tick.
    if (delays.max === 0) return;
    for (const [series, statistic] of statistics) {
      const nanoseconds = statistic(delays);
      if (Number.isFinite(nanoseconds)) series.set(nanoseconds / 1e9);
    }
    delays.reset();
  };
  return { read, stop: () => delays.disable() };
}

function heapMeasure(client, own) {
  const gauge = (...rest) => processGauge(client, own, ...rest, 'bytes');
  const total = gauge('nodejs_heap_size_total_bytes', 'Memory of the JavaScript heap.');
  const used = gauge('nodejs_heap_size_used_bytes', 'Memory of the JavaScript heap in use.');
  const external = gauge('nodejs_external_memory_bytes', 'Memory of objects outside the heap.');
  const spaces = ['total', 'used', 'available'].map((part) => client.gauge(
    `nodejs_heap_space_size_${part}_bytes`,
    { help: `Bytes ${part} of a heap space.`, unit: 'bytes' }));
  const read = () => {
    const memory = process.memoryUsage();
    total.set(memory.heapTotal);
    used.set(memory.heapUsed);
    external.set(memory.external);
    for (const space of getHeapSpaceStatistics()) {
      const labels = { ...own, space: space.space_name.replace(/_space$/, '') };
      const sizes = [space.space_size, space.space_used_size, space.space_available_size];
      spaces.forEach((series, index) => series.set(labels, sizes[index]));
    }
  };
  return { read };
}

/** Active resources, handles and requests: by type, and in total. */
function activityMeasure(client, own) {
  const typeOf = (object) => object?.constructor?.name;
  const kinds = [
    ['resources', () => process.getActiveResourcesInfo?.()],
    ['handles', () => process._getActiveHandles?.().map(typeOf)],
    ['requests', () => process._getActiveRequests?.().map(typeOf)],
  ].filter(([, types]) => types()).map(([kind, types]) => ({
    types,
    seen: new Map(),
    byType: client.gauge(`nodejs_active_${kind}`, { help: `Active ${kind} by type.` }),
    total: processGauge(client, own, `nodejs_active_${kind}_total`, `Active ${kind}.`),
  }));
  const read = () => {
    for (const kind of kinds) {
      const names = kind.types();
      kind.total.set(names.length);
      const counts = new Map();
      for (const type of names) counts.set(type, (counts.get(type) ?? 0) + 1);
      for (const type of kind.seen.keys()) {
        if (!counts.has(type)) kind.byType.remove({ ...own, type });
      }
      for (const [type, count] of counts) {
        if (type) kind.byType.set({ ...own, type }, count);
      }
      kind.seen = counts;
    }
  };
  return { read };
}

function descriptorsMeasure(client, own) {
  const gauge = (...rest) => processGauge(client, own, ...rest);
  const start = gauge(
    'process_start_time_seconds', 'When the process started, since 1970.', 'seconds');
  start.set(Math.round(client.clock.now() / 1000 - process.uptime()));
  if (process.platform !== 'linux') return null;
  const open = gauge('process_open_fds', 'Open file descriptors.');
  const most = /^Max open files\s+(\d+)/m.exec(procFile('limits'))?.[1];
  if (most) gauge('process_max_fds', 'Most file descriptors that may be open.').set(Number(most));
  const read = () => {
    try {
      // Without the descriptor that reads the folder.
      open.set(readdirSync('/proc/self/fd').length - 1);
    } catch {
      // There is no free descriptor, or no /proc.
    }
  };
  return { read };
}

/** The durations of garbage collections by kind. */
function collectionsMeasure(client, labels) {
  const kinds = new Map(['major', 'minor', 'incremental', 'weakcb'].map((kind) => [
    performanceConstants[`NODE_PERFORMANCE_GC_${kind.toUpperCase()}`], kind,
  ]));
  const durations = client.histogram('nodejs_gc_duration_seconds', {
    help: 'Garbage collections by kind: major, minor, incremental or weakcb.', unit: 'seconds',
  });
  const observer = new PerformanceObserver((list) => {
    if (client.hasEnded) return;
    for (const { detail, duration } of list.getEntries()) {
      durations.observe({ ...labels, kind: kinds.get(detail?.kind) ?? 'other' }, duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return { read() {}, stop: () => observer.disconnect() };
}

/**
 * Weir has its own metric of this name without labels, so it accepts one from others only with
 * labels.
 */
function processorSumMeasure(client, labels) {
  if (Object.keys(labels).length === 0 && client.commonLabels.size === 0) return null;
  const sum = client.counter('process_cpu_seconds_total', {
    help: 'CPU time in user mode and in the kernel.', unit: 'seconds',
  }).labels(labels);
  const read = () => {
    const cpu = process.cpuUsage();
    sum.setTotal((cpu.user + cpu.system) / 1e6);
  };
  return { read };
}

module.exports = { defaultMeasures };
