// Mistakes in a program throw where they are written, with a sentence that names the remedy.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientWithoutNetwork, weir } from './support.mjs';

const { createClient, exponentialBounds, linearBounds } = weir;

/** What is wrong, the call, and the error. */
const mistakes = [
  ['a counter with the name of a gauge', (client) => client.counter('g'),
    'TypeError: g is already defined as a gauge; choose another name for this metric.'],
  ['another merge', (client) => client.gauge('g', { merge: 'max' }),
    'TypeError: g is already defined with merge "sum"; use the same options, or choose another name.'],
  ['no merge, which means last', (client) => client.gauge('g'),
    'TypeError: g is already defined with merge "sum"; use the same options, or choose another name.'],
  ['other bounds', (client) => client.histogram('h', { bounds: [1, 3] }),
    'TypeError: h is already defined with bounds 1, 2; use the same options, or choose another name.'],
  ['no bounds, which means Weir\'s own', (client) => client.histogram('h'),
    'TypeError: h is already defined with bounds 1, 2; use the same options, or choose another name.'],
  ['another unit', (client) => client.counter('c', { unit: 'seconds' }),
    'TypeError: c is already defined with unit "bytes"; use the same options, or choose another name.'],
  ['other label names', (client) => client.counter('c', { labelNames: ['a', 'c'] }),
    'TypeError: c is already defined with labelNames b, a; use the same options, or choose another name.'],
  ['label names in the second definition only', (client) => client.gauge('g', { merge: 'sum', labelNames: ['a'] }),
    'TypeError: g is already defined with no labelNames; use the same options, or choose another name.'],
  ['a name that Prometheus does not allow', (client) => client.counter('a b'),
    'TypeError: "a b" is not a valid metric name; use letters, digits, _ and :, and no digit first.'],
  ['a name that is reserved for Weir', (client) => client.counter('weir_x_total'),
    'TypeError: weir_x_total: names that begin with weir_ are reserved for Weir; choose another name.'],
  ['a name that is reserved for clients', (client) => client.counter('push_client_x_total'),
    'TypeError: push_client_x_total: names that begin with push_client_ are reserved for Weir; choose another name.'],
  ['options in place of the name', (client) => client.counter({ name: 'x' }),
    'TypeError: "object" is not a valid metric name; use letters, digits, _ and :, and no digit first.'],
  ['buckets', (client) => client.histogram('x', { buckets: [1, 2] }),
    'TypeError: x: there is no option "buckets"; use bounds.'],
  ['an aggregator', (client) => client.gauge('x', { aggregator: 'sum' }),
    'TypeError: x: there is no option "aggregator"; use merge.'],
  ['bounds of a counter', (client) => client.counter('x', { bounds: [1] }),
    'TypeError: x: there is no option "bounds"; the options are help, unit, labelNames, collect.'],
  ['options that are a string', (client) => client.counter('x', 'What it counts.'),
    'TypeError: x: the options must be an object, such as { help: … }.'],
  ['bounds that descend', (client) => client.histogram('x', { bounds: [2, 1] }),
    'RangeError: x: bounds must be finite, ascending, and at most 200; for example [0.1, 1, 10].'],
  ['bounds that are a number', (client) => client.histogram('x', { bounds: 7 }),
    'RangeError: x: bounds must be finite, ascending, and at most 200; for example [0.1, 1, 10].'],
  ['an unknown merge', (client) => client.gauge('x', { merge: 'first' }),
    'TypeError: x: merge "first" is not known; use one of last, sum, min, max, avg.'],
  ['a help that is not a string', (client) => client.counter('x', { help: 7 }),
    'TypeError: x: help must be a string.'],
  ['a label name that Prometheus does not allow', (client) => client.counter('x', { labelNames: ['a-b'] }),
    'TypeError: x: "a-b" is not a valid label name; use letters, digits and _, and begin with neither a digit nor __.'],
  ['a label name that Prometheus reserves', (client) => client.counter('x', { labelNames: ['__a'] }),
    'TypeError: x: "__a" is not a valid label name; use letters, digits and _, and begin with neither a digit nor __.'],
  ['the label of a histogram\'s buckets', (client) => client.histogram('x', { labelNames: ['le'] }),
    'TypeError: x: the label le is reserved for the buckets; choose another name.'],
  ['label names that are a string', (client) => client.counter('x', { labelNames: 'a' }),
    "TypeError: x: labelNames must be an array, such as ['provider']."],
  ['a collect that is not a function', (client) => client.gauge('x', { collect: 7 }),
    'TypeError: x: collect must be a function.'],
  ['a reader that is not a function', (client) => client.gauge('x').setFunction(7),
    'TypeError: x: setFunction takes a function or null.'],
  ['a label that is not in labelNames', (client) => client.counter('c').inc({ a: 1, d: 2 }),
    'TypeError: c: the label "d" is not in its labelNames: b, a.'],
  ['a label of a metric without labels', (client) => client.counter('n').labels({ d: 2 }),
    'TypeError: n: the label "d" is not in its labelNames: none.'],
  ['a label to remove that is not in labelNames', (client) => client.counter('c').remove({ d: 2 }),
    'TypeError: c: the label "d" is not in its labelNames: b, a.'],
  ['too few label values', (client) => client.counter('c').labels('1'),
    'TypeError: c: got 1 label values; use { name: value }, or the values of b, a.'],
  ['label values without labelNames', (client) => client.gauge('x').labels('1'),
    'TypeError: x: got 1 label values; use { name: value }, or define the metric with labelNames.'],
  ['a width below 0', () => linearBounds(1, -1, 3),
    'RangeError: linearBounds(start, width, count): start must be a number, width above 0, '
    + 'and count from 1 to 200.'],
  ['exponential bounds that begin at 0', () => exponentialBounds(0, 2, 3),
    'RangeError: exponentialBounds(start, factor, count): start must be above 0, factor above 1, '
    + 'and count from 1 to 200.'],
];

describe('mistakes in a metric', () => {
  const { client } = clientWithoutNetwork();
  client.gauge('g', { merge: 'sum' });
  client.histogram('h', { bounds: [1, 2] });
  client.counter('c', { unit: 'bytes', labelNames: ['b', 'a'] });
  client.counter('n', { labelNames: [] });
  for (const [what, define, sentence] of mistakes) {
    test(what, () => {
      assert.throws(() => define(client), (error) => {
        assert.equal(String(error), sentence);
        return true;
      });
    });
  }
});

const clients = [
  ['an address without a port', { address: 'weir' },
    'TypeError: address "weir": use HOST:PORT or [IPV6]:PORT.'],
  ['a port above 65535', { address: 'weir:99999' },
    'RangeError: address "weir:99999": use a port from 1 to 65535.'],
  ['a port of many digits', { address: '[::1]:1234567' },
    'RangeError: address "[::1]:1234567": use a port from 1 to 65535.'],
  ['port 0', { address: '127.0.0.1:0' },
    'RangeError: address "127.0.0.1:0": use a port from 1 to 65535.'],
  ['a port above 65535 over HTTP', { url: 'http://weir:99999/' },
    'TypeError: url "http://weir:99999/": use http://HOST:PORT/api/v1/push, with a port from 1 to 65535.'],
  ['an unknown scheme', { url: 'ftp://x/' },
    'TypeError: url: "ftp:" is not supported; use http: or https:.'],
  ['two places to send to', { url: 'http://x/', address: 'x:1' },
    'TypeError: url and address: give only one of them.'],
  ['a misspelt option', { adress: 'x:1' },
    'TypeError: createClient: there is no option "adress"; the options are address, url, ca, timeout, labels, '
    + 'instance, key, flushInterval, seriesMax, frameBytesMax, processMetrics, defaultMetrics, perProcessCpu, '
    + 'signals, onError, lookup, clock, transport.'],
  ['an option of another library', { host: 'x:1' },
    'TypeError: createClient: there is no option "host"; use address.'],
  ['a key without an id', { key: { id: '', secret: 'x' } },
    'TypeError: key: use { id, secret }, with an id of 1 to 32 bytes and a secret that is not empty.'],
  ['an interval that is too long', { flushInterval: 20_000 },
    'RangeError: flushInterval 20000: use milliseconds from 100 to 10000, or 0 to flush by hand.'],
  ['an interval that is a string', { flushInterval: '1000' },
    'RangeError: flushInterval 1000: use milliseconds from 100 to 10000, or 0 to flush by hand.'],
  ['no series', { seriesMax: 0 }, 'RangeError: seriesMax 0: use a whole number of at least 1.'],
  ['frames larger than a datagram', { frameBytesMax: 70_000 },
    'RangeError: frameBytesMax 70000: use bytes from 256 to 65507.'],
  ['an empty instance', { instance: '' }, 'RangeError: instance : use a string that is not empty.'],
  ['an unknown signal', { signals: ['TERM'] },
    'TypeError: signals: "TERM" is not a signal; use true, or [\'SIGTERM\', \'SIGINT\'].'],
  ['default metrics without process metrics', { processMetrics: false, defaultMetrics: true },
    'TypeError: defaultMetrics needs processMetrics; remove processMetrics: false.'],
];

describe('mistakes in a client', () => {
  for (const [what, options, sentence] of clients) {
    test(what, () => {
      assert.throws(() => createClient({ flushInterval: 0, ...options }), (error) => {
        assert.equal(String(error), sentence);
        return true;
      });
    });
  }
});

test('a client that could not be made leaves no listeners', async () => {
  const listeners = process.listenerCount('exit');
  for (const [, options] of clients) {
    assert.throws(() => createClient({ processMetrics: true, defaultMetrics: false, ...options }));
  }
  assert.equal(process.listenerCount('exit'), listeners);
  const { client, flush } = clientWithoutNetwork({ processMetrics: true });
  const names = (await flush()).flatMap((frame) => frame.records).map(({ name }) => name);
  assert.ok(names.includes('process_uptime_seconds'), 'none of the failed clients measures the process');
  await client.close({ timeout: 1 });
});

test('a definition with the same options, or without options, returns the same metric', () => {
  const { client } = clientWithoutNetwork();
  const counter = client.counter('c', { labelNames: ['a', 'b'], unit: 'bytes' });
  assert.equal(client.counter('c'), counter);
  assert.equal(client.counter('c', { labelNames: ['b', 'a'] }), counter);
  const histogram = client.histogram('h', { bounds: [1, 2] });
  assert.equal(client.histogram('h', { bounds: [1, 2, Infinity] }), histogram);
});

test('help and unit of a later definition are sent', async () => {
  const { client, flush } = clientWithoutNetwork();
  client.counter('c');
  client.counter('c', { help: 'What happened.' });
  const [frame] = await flush();
  assert.deepEqual(frame.records, [
    { name: 'c', type: 'meta', unit: undefined, help: 'What happened.' },
  ]);
});
