// Starts gateways, sends them requests, stops them, and prints what they recorded in total.
//
//     node run.mjs [--weir=127.0.0.1:8125] [--gateways=8] [--requests=4000] [--hold=0] [--seed=1]
//
// `--hold` is how many seconds the gateways continue without requests, so that their gauges can be seen.
// The last line is JSON: {"confirmed": true, "series": [...]}, each series with its total over all gateways.
// Compare it with what Weir shows at /metrics. Ends with status 1 if the last totals of a gateway were not
// confirmed.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    weir: { type: 'string', default: '127.0.0.1:8125' },
    url: { type: 'string' },
    gateways: { type: 'string', default: '8' },
    requests: { type: 'string', default: '4000' },
    hold: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});

/** Starts a program of this folder, which prints lines of JSON; the last one is kept. */
function start(program, ...flags) {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [file, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const started = { child, last: null };
  started.ended = new Promise((resolve) => { child.on('close', resolve); });
  started.first = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      started.last = JSON.parse(line);
      resolve(started.last);
    });
    child.on('close', () => reject(new Error(`${program} ended before it printed anything`)));
  });
  return started;
}

const way = options.url ? `--url=${options.url}` : `--weir=${options.weir}`;
const gateways = Array.from({ length: Number(options.gateways) }, (_, index) =>
  start('gateway.mjs', way, `--instance=gateway-${index + 1}`, `--seed=${Number(options.seed) + index}`));
const ports = await Promise.all(gateways.map(async (gateway) => (await gateway.first).port));
const urls = ports.map((port) => `http://127.0.0.1:${port}`);
const load = start('load.mjs', `--gateways=${urls}`, `--requests=${options.requests}`, `--seed=${options.seed}`);
await load.ended;
console.error(`run: ${JSON.stringify(load.last)}`);
await sleep(Number(options.hold) * 1000);
for (const gateway of gateways) gateway.child.kill('SIGTERM');
await Promise.all(gateways.map((gateway) => gateway.ended));

const totals = new Map();
for (const { last } of gateways) {
  for (const series of last?.series ?? []) {
    // Gauges leave the server with their gateway, and have no total.
    if (series.type === 'gauge') continue;
    const key = JSON.stringify([series.name, Object.entries(series.labels).sort()]);
    const total = totals.get(key);
    if (!total) {
      totals.set(key, series);
    } else if (series.type === 'histogram') {
      total.sum += series.sum;
      total.count += series.count;
      series.buckets.forEach((count, bucket) => { total.buckets[bucket] += count; });
    } else {
      total.value += series.value;
    }
  }
}
const confirmed = gateways.every(({ last }) => last?.isConfirmed === true);
console.log(JSON.stringify({ confirmed, sent: load.last?.sent, series: [...totals.values()] }));
process.exitCode = confirmed ? 0 : 1;
