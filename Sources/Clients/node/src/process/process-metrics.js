// Measures the process for one of its clients.

'use strict';

const { shared } = require('../client/shared.js');
const { defaultMeasures } = require('./default-metrics.js');
const { lagMeasure, memoryMeasure, processorMeasure, tellVersion } = require('./measures.js');

/** How often the process is measured. Prometheus usually scrapes less often. */
const MEASURE_MILLISECONDS = 5000;

/** Only one client measures the process, because the server adds up the totals of several. */
function measureProcess(client, { defaultMetrics = false, perProcessCpu = false }) {
  if (shared().measured) return;
  shared().measured = client;
  const own = { instance: client.instance };
  const ofTotals = perProcessCpu ? own : {};
  const measures = [
    memoryMeasure(client, own, { hasVirtual: defaultMetrics }),
    processorMeasure(client, ofTotals),
    ...(defaultMetrics ? defaultMeasures(client, own, ofTotals) : [lagMeasure(client, own)]),
  ];
  tellVersion(client, own, { hasParts: defaultMetrics });
  let measuredAt = -Infinity;
  client.collect(({ isLast }) => {
    const now = client.clock.monotonic();
    if (now - measuredAt < MEASURE_MILLISECONDS && !isLast) return;
    measuredAt = now;
    for (const { read } of measures) read();
  });
  client.stopMeasuring = () => {
    for (const { stop } of measures) stop?.();
  };
}

module.exports = { measureProcess };
