// What a programmer gets wrong is told where it is written, in a sentence with its remedy.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClient, exponentialBounds, linearBounds } from '../weir.mjs';
import { clientWithoutNetwork } from './support.mjs';

/** Each is run on a client that has the metrics of `known`. */
const mistakes = [
  ['a counter by the name of a gauge', (client) => client.counter('g'),
    'TypeError: g is defined already, as a gauge; give this one another name.'],
  ['another merge', (client) => client.gauge('g', { merge: 'max' }),
    'TypeError: g is defined already, with merge "sum"; write the same, or give this one another name.'],
  ['no merge, which is last', (client) => client.gauge('g'),
    'TypeError: g is defined already, with merge "sum"; write the same, or give this one another name.'],
  ['other bounds', (client) => client.histogram('h', { bounds: [1, 3] }),
    'TypeError: h is defined already, with bounds 1, 2; write the same, or give this one another name.'],
  ['no bounds, which are Weir\'s own', (client) => client.histogram('h'),
    'TypeError: h is defined already, with bounds 1, 2; write the same, or give this one another name.'],
  ['another unit', (client) => client.counter('c', { unit: 'seconds' }),
    'TypeError: c is defined already, with unit "bytes"; write the same, or give this one another name.'],
  ['other names of labels', (client) => client.counter('c', { labelNames: ['a', 'c'] }),
    'TypeError: c is defined already, with labelNames b, a; write the same, or give this one another name.'],
  ['names of labels that come late', (client) => client.gauge('g', { merge: 'sum', labelNames: ['a'] }),
    'TypeError: g is defined already, with no labelNames; write the same, or give this one another name.'],
  ['a name that Prometheus has none of', (client) => client.counter('a b'),
    'TypeError: "a b" is no metric\'s name; write letters, digits, _ and :.'],
  ['a name of Weir\'s own', (client) => client.counter('weir_x_total'),
    'TypeError: weir_x_total: names that begin with weir_ are Weir\'s own; choose another name.'],
  ['a name of the client\'s own', (client) => client.counter('push_client_x_total'),
    'TypeError: push_client_x_total: names that begin with push_client_ are Weir\'s own; choose another name.'],
  ['options in place of the name', (client) => client.counter({ name: 'x' }),
    'TypeError: "object" is no metric\'s name; write letters, digits, _ and :.'],
  ['buckets', (client) => client.histogram('x', { buckets: [1, 2] }),
    'TypeError: x: there is no option "buckets"; write bounds.'],
  ['an aggregator', (client) => client.gauge('x', { aggregator: 'sum' }),
    'TypeError: x: there is no option "aggregator"; write merge.'],
  ['bounds of a counter', (client) => client.counter('x', { bounds: [1] }),
    'TypeError: x: there is no option "bounds"; known are help, unit, labelNames, collect.'],
  ['options that are a text', (client) => client.counter('x', 'What it counts.'),
    'TypeError: x: the options must be an object, such as { help: … }.'],
  ['bounds that fall', (client) => client.histogram('x', { bounds: [2, 1] }),
    'RangeError: x: bounds must be finite and ascending, and 200 at most; write for example [0.1, 1, 10].'],
  ['bounds that are a number', (client) => client.histogram('x', { bounds: 7 }),
    'RangeError: x: bounds must be finite and ascending, and 200 at most; write for example [0.1, 1, 10].'],
  ['a merge that is none', (client) => client.gauge('x', { merge: 'first' }),
    'TypeError: x: merge "first" is not known; write one of last, sum, min, max, avg.'],
  ['a help that is none', (client) => client.counter('x', { help: 7 }),
    'TypeError: x: help must be a text.'],
  ['a label that Prometheus has none of', (client) => client.counter('x', { labelNames: ['a-b'] }),
    'TypeError: x: "a-b" is no label\'s name; write letters, digits and _, no digit first and no __ first.'],
  ['a label that Prometheus keeps for itself', (client) => client.counter('x', { labelNames: ['__a'] }),
    'TypeError: x: "__a" is no label\'s name; write letters, digits and _, no digit first and no __ first.'],
  ['the label of a histogram\'s buckets', (client) => client.histogram('x', { labelNames: ['le'] }),
    'TypeError: x: the label le is that of its buckets; choose another name.'],
  ['names of labels that are a text', (client) => client.counter('x', { labelNames: 'a' }),
    "TypeError: x: labelNames must be an array, such as ['provider']."],
  ['a collect that is none', (client) => client.gauge('x', { collect: 7 }),
    'TypeError: x: collect must be a function.'],
  ['a function that is none', (client) => client.gauge('x').setFunction(7),
    'TypeError: x: setFunction takes a function, or null.'],
  ['a label that is not among the names', (client) => client.counter('c').inc({ a: 1, d: 2 }),
    'TypeError: c: there is no label "d" in its labelNames: b, a.'],
  ['a label of a metric without any', (client) => client.counter('n').labels({ d: 2 }),
    'TypeError: n: there is no label "d" in its labelNames: none.'],
  ['a label to remove that is not among the names', (client) => client.counter('c').remove({ d: 2 }),
    'TypeError: c: there is no label "d" in its labelNames: b, a.'],
  ['too few values of labels', (client) => client.counter('c').labels('1'),
    'TypeError: c: 1 label values; write { name: value }, or the values of b, a.'],
  ['values of labels without names', (client) => client.gauge('x').labels('1'),
    'TypeError: x: 1 label values; write { name: value }, or labelNames first.'],
  ['bounds that go down', () => linearBounds(1, -1, 3),
    'RangeError: linearBounds(start, width, count): the bounds must ascend, and be 1 to 200; '
    + 'exponential ones begin above 0 and have a factor above 1.'],
  ['bounds from 0 on', () => exponentialBounds(0, 2, 3),
    'RangeError: exponentialBounds(start, factor, count): the bounds must ascend, and be 1 to 200; '
    + 'exponential ones begin above 0 and have a factor above 1.'],
];

describe('of a metric', () => {
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
    'TypeError: address "weir": write HOST:PORT or [IPV6]:PORT.'],
  ['a port beyond 65535', { address: 'weir:99999' },
    'RangeError: address "weir:99999": write a port from 1 to 65535.'],
  ['a port of many digits', { address: '[::1]:1234567' },
    'RangeError: address "[::1]:1234567": write a port from 1 to 65535.'],
  ['port 0', { address: '127.0.0.1:0' },
    'RangeError: address "127.0.0.1:0": write a port from 1 to 65535.'],
  ['a port beyond 65535 over HTTP', { url: 'http://weir:99999/' },
    'TypeError: url "http://weir:99999/": write http://HOST:PORT/api/v1/push, the port up to 65535.'],
  ['another scheme', { url: 'ftp://x/' },
    'TypeError: url: "ftp:" is not known; write http: or https:.'],
  ['both ways', { url: 'http://x/', address: 'x:1' },
    'TypeError: url and address: write one of them, since frames go one way.'],
  ['an option that is misspelt', { adress: 'x:1' },
    'TypeError: createClient: there is no option "adress"; known are address, url, ca, timeout, labels, '
    + 'instance, key, flushInterval, seriesMax, frameBytesMax, processMetrics, defaultMetrics, perProcessCpu, '
    + 'signals, onError, lookup, clock, transport.'],
  ['an option of another library', { host: 'x:1' },
    'TypeError: createClient: there is no option "host"; write address.'],
  ['a key without an id', { key: { id: '', secret: 'x' } },
    'TypeError: key: write { id, secret }, the id of 1 to 32 bytes.'],
  ['an interval that is too long', { flushInterval: 20_000 },
    'RangeError: flushInterval 20000: write milliseconds from 100 to 10000, or 0 to flush by hand.'],
  ['an interval that is a text', { flushInterval: '1000' },
    'RangeError: flushInterval 1000: write milliseconds from 100 to 10000, or 0 to flush by hand.'],
  ['no series', { seriesMax: 0 }, 'RangeError: seriesMax 0: write a number of series from 1 on.'],
  ['frames beyond a datagram', { frameBytesMax: 70_000 },
    'RangeError: frameBytesMax 70000: write bytes from 256 to 65507.'],
  ['no instance', { instance: '' }, 'RangeError: instance : write a text that is not empty.'],
  ['a signal that is none', { signals: ['TERM'] },
    'TypeError: signals: "TERM" is no signal; write true, or [\'SIGTERM\', \'SIGINT\'].'],
  ['default metrics without those of the process', { processMetrics: false, defaultMetrics: true },
    'TypeError: defaultMetrics adds to processMetrics; leave out processMetrics: false.'],
];

describe('of a client', () => {
  for (const [what, options, sentence] of clients) {
    test(what, () => {
      assert.throws(() => createClient({ flushInterval: 0, ...options }), (error) => {
        assert.equal(String(error), sentence);
        return true;
      });
    });
  }
});

test('a client that could not be made leaves nothing behind', async () => {
  const listeners = process.listenerCount('exit');
  for (const [, options] of clients) {
    assert.throws(() => createClient({ processMetrics: true, defaultMetrics: false, ...options }));
  }
  assert.equal(process.listenerCount('exit'), listeners);
  const { client, flush } = clientWithoutNetwork({ processMetrics: true });
  const names = (await flush()).flatMap((frame) => frame.records).map(({ name }) => name);
  assert.ok(names.includes('process_uptime_seconds'), 'none of them measures the process');
  await client.close({ timeout: 1 });
});

test('a definition that says the same, or nothing, is the same metric', () => {
  const { client } = clientWithoutNetwork();
  const counter = client.counter('c', { labelNames: ['a', 'b'], unit: 'bytes' });
  assert.equal(client.counter('c'), counter);
  assert.equal(client.counter('c', { labelNames: ['b', 'a'] }), counter);
  const histogram = client.histogram('h', { bounds: [1, 2] });
  assert.equal(client.histogram('h', { bounds: [1, 2, Infinity] }), histogram);
});

test('help and unit that come with a later definition are told', async () => {
  const { client, flush } = clientWithoutNetwork();
  client.counter('c');
  client.counter('c', { help: 'What happened.' });
  const [frame] = await flush();
  assert.deepEqual(frame.records, [
    { name: 'c', type: 'meta', unit: undefined, help: 'What happened.' },
  ]);
});
