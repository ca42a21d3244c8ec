// Metrics of every process: memory, processor time, and the lag of the event loop.

'use strict';

const { readFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const LAG_RESOLUTION_MILLISECONDS = 20;

/** A gauge with the label `instance`, so that each process has its own. */
function processGauge(client, own, name, help, unit) {
  return client.gauge(name, { help, unit }).labels(own);
}

function memoryMeasure(client, own, { hasVirtual }) {
  const gauge = (...rest) => processGauge(client, own, ...rest);
  const resident = gauge('process_resident_memory_bytes', 'Resident memory size.', 'bytes');
  const uptimeSeconds = gauge(
    'process_uptime_seconds', 'Time since the process started.', 'seconds');
  // In prom-client this is the kernel's data segment; other metrics show the JavaScript heap.
  const heap = gauge('process_heap_bytes',
    hasVirtual ? 'Size of the data segment.' : 'Memory of the JavaScript heap in use.', 'bytes');
  const virtual = hasVirtual
    && gauge('process_virtual_memory_bytes', 'Virtual memory size.', 'bytes');
  const read = () => {
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    uptimeSeconds.set(process.uptime());
    if (!hasVirtual) return heap.set(memory.heapUsed);
    const status = procFile('status');
    for (const [series, field] of [[heap, 'VmData'], [virtual, 'VmSize']]) {
      const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1];
      if (kilobytes) series.set(Number(kilobytes) * 1024);
    }
  };
  return { read };
}

/**
 * Processor time. Without the label `instance` the totals of all processes add up to one series, so
 * a process that ends leaves no series of its own.
 */
function processorMeasure(client, labels) {
  const counter = (name, help) => client.counter(name, { help, unit: 'seconds' }).labels(labels);
  const user = counter('process_cpu_user_seconds_total', 'CPU time in user mode.');
  const system = counter('process_cpu_system_seconds_total', 'CPU time in the kernel.');
  const read = () => {
    const cpu = process.cpuUsage();
    user.setTotal(cpu.user / 1e6);
    system.setTotal(cpu.system / 1e6);
  };
  return { read };
}

function lagMeasure(client, own) {
  const lag = processGauge(client, own,
    'nodejs_eventloop_lag_seconds', 'Longest delay of the event loop in five seconds.', 'seconds');
  const delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MILLISECONDS });
  delays.enable();
  const read = () => {
    // The delays contain the time between two ticks of the timer, which an idle loop has too.
    lag.set(Math.max(0, delays.max / 1e9 - LAG_RESOLUTION_MILLISECONDS / 1e3));
    delays.reset();
  };
  return { read, stop: () => delays.disable() };
}

function tellVersion(client, own, { hasParts }) {
  const { version } = process;
  const [major, minor, patch] = version.slice(1).split('.');
  client.gauge('nodejs_version_info', { help: 'Version of Node.js; always 1.' })
    .set({ ...own, version, ...(hasParts ? { major, minor, patch } : {}) }, 1);
}

/** A file of the kernel about the process; empty if there is none. */
function procFile(name) {
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return '';
  }
}

module.exports = {
  lagMeasure,
  memoryMeasure,
  processGauge,
  processorMeasure,
  procFile,
  tellVersion,
};
