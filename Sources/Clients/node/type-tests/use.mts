// A program that uses all of the API from an ES module. It is compiled in strict mode, and then run.

import {
  Client, createClient, decodeAnswer, defaultBounds, encodeFrame, exponentialBounds, linearBounds,
  sharedClient,
} from 'weir-client';
import type {
  ClientOptions, Counter, CounterSeries, Gauge, Histogram, Labels, Merge, Recorded, Stats, StopTimer,
  Transport,
} from 'weir-client';

// The types of Node are not needed.
declare const console: { log(text: string): void; error(text: string): void };

const sent: Uint8Array[] = [];
const transport: Transport = {
  frameBytesMax: 1432,
  answersComeBySocket: false,
  async send(frames) {
    sent.push(...frames);
    return 'arrived';
  },
};
const options: ClientOptions = {
  transport, labels: { service: 'gateway' }, instance: 'pod-7', flushInterval: 0, seriesMax: 100,
  key: { id: 'k1', secret: new Uint8Array([1, 2, 3]) }, signals: ['SIGUSR2'], processMetrics: true,
  defaultMetrics: true, perProcessCpu: false, frameBytesMax: 1000, timeout: 100,
  onError: (error: Error) => console.error(error.message),
  lookup: async (hostname: string) => ({ address: hostname, family: 4 }),
  clock: { now: () => Date.now() },
};
const client: Client = createClient(options);

const requests: Counter = client.counter('requests_total', {
  help: 'Requests.', unit: 'requests', labelNames: ['method', 'status'],
});
const labels: Labels = { method: 'GET', status: 200 };
requests.inc();
requests.inc(2);
requests.inc(labels, 3, { trace_id: 'a' });
requests.setTotal(9);
const handle: CounterSeries = requests.labels('GET', 200);
handle.inc(1, { trace_id: 'b' });
handle.setTotal(10);
const seven: number = requests.countExceptions(() => 7);
const eight: Promise<number> = requests.countExceptions(labels, async () => 8, TypeError);
handle.remove();
requests.remove('GET', 200);
requests.remove(labels);

const merge: Merge = 'sum';
const inFlight: Gauge = client.gauge('in_flight', {
  merge,
  collect() { this.set({ queue: undefined }, 4); },
});
inFlight.set(1);
inFlight.set({ queue: 'a' }, 2);
inFlight.inc();
inFlight.dec({ queue: 'a' }, 2);
inFlight.setToCurrentTime({ queue: 'b' });
inFlight.setFunction(() => 5);
inFlight.setFunction({ queue: 'c' }, null);
const stopGauge: StopTimer = inFlight.startTimer({ queue: 'd' });
const taken: number = stopGauge();
const text: string = inFlight.trackInProgress(() => 'done');
inFlight.labels({ queue: 'a' }).remove();
inFlight.clear();

const duration: Histogram = client.histogram('duration_seconds', { bounds: linearBounds(1, 1, 3) });
duration.observe(1.5);
duration.observe({ route: '/' }, 2.5, { trace_id: 'c' });
const stop: StopTimer = duration.startTimer({ route: '/' });
const seconds: number = stop({ status: 'ok' }, { trace_id: 'd' });
duration.labels({ route: '/' }).startTimer()();
duration.reset();
client.histogram('sizes', { bounds: exponentialBounds(1, 2, 8) }).observe(defaultBounds[0] ?? 0);
client.collect(async () => { inFlight.set(3); });

/** Mistakes that the types find; it is not called. */
export function mistakes(): void {
  // @ts-expect-error: a value must be a number.
  requests.inc(labels, '3');
  // @ts-expect-error: there is no such option.
  client.histogram('other', { buckets: [1] });
  // @ts-expect-error: there is no such merge.
  client.gauge('another', { merge: 'first' });
}

const answer: { instance: string; sequence: number } | null = decodeAnswer(new Uint8Array(20));
const frame: Uint8Array = encodeFrame({
  instance: '0102030405060708', start_ms: 1, sequence: 1, age_ms: 0, final: false, confirm: false,
  key: null, common: [], records: [],
});
await client.flush();
const recorded: Recorded[] = client.snapshot();
const stats: Stats = client.stats;
const isConfirmed: boolean = await client.close({ timeout: 100 });
const shared: Client = sharedClient({ transport, flushInterval: 0, processMetrics: false });
await shared.close();
const checks: Array<[unknown, unknown]> = [
  [seven, 7], [await eight, 8], [taken >= 0, true], [text, 'done'], [seconds >= 0, true],
  [answer, null], [frame[0], 0xf7], [recorded.length > 3, true], [stats.framesSent > 0, true],
  [isConfirmed, true], [sent.length > 0, true],
];
for (const [found, expected] of checks) {
  if (found !== expected) throw new Error(`${String(found)} is not ${String(expected)}`);
}
console.log('the types and the client agree');
