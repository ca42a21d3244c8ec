// Weir's client for Node.js 18 and newer: this file alone, without dependencies.
//
//     import { createClient } from './weir.mjs';
//     const weir = createClient({ address: '127.0.0.1:8125' });
//     const requests = weir.counter('llm_requests_total', { help: 'Requests to providers.' });
//     requests.inc({ provider: 'openai' });
//
// It keeps totals and sends those that have changed, once a second; the protocol is Weir's
// docs/protocol.md. To record is to add in memory: it never throws, waits or sends. Mistakes of the
// programmer, such as a counter by the name of a gauge, throw where the metric is defined.
//
// In order: the form of frames, series, metrics, the ways out (UDP, HTTP), the client, and what it
// tells of its own process.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

// ---------------------------------------------------------------------------- The form of frames

const MAGIC = [0xf7, 0x57];
const VERSION = 1;
const FLAGS = { signed: 1, final: 2, confirm: 4, answer: 128 };
const TAG_BYTES = 16;
/** The most that a UDP datagram holds. */
const FRAME_BYTES_MAX = 65_507;
/** Passes through an Ethernet with a tunnel or two in one piece. */
const DATAGRAM_BYTES = 1432;

const RECORDS = {
  counter: 1, increment: 2, gauge: 3, gauge_add: 4, observations: 5, histogram: 6, exponential: 7,
  members: 8, sketch: 9, meta: 10, clock: 11,
};
const MERGES = { last: 0, sum: 1, min: 2, max: 3, avg: 4 };

/** Upper bounds of Weir's own buckets, in seconds where durations are observed. */
export const defaultBounds = Object.freeze([
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
]);

/** Bytes that grow at their end. */
class ByteWriter {
  bytes = Buffer.allocUnsafe(2048);
  length = 0;

  reserve(count) {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value) {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(bytes, count = bytes.length) {
    this.reserve(count);
    this.length += bytes.copy(this.bytes, this.length, 0, count);
  }

  text(string) {
    const count = Buffer.byteLength(string);
    this.varint(count);
    this.reserve(count);
    this.length += this.bytes.write(string, this.length);
  }

  /** A whole number from 0 to 2^53, or a bigint up to 2^64 - 1. */
  varint(value) {
    this.reserve(10);
    if (typeof value === 'bigint') {
      for (; value > 0xffff_ffffn; value >>= 7n) {
        this.bytes[this.length++] = Number(value & 127n) | 128;
      }
      value = Number(value);
    }
    // Bitwise operators see 32 bits only.
    while (value >= 0x8000_0000) {
      this.bytes[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    while (value >= 128) {
      this.bytes[this.length++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.bytes[this.length++] = value;
  }

  zigzag(value) {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  number(value) {
    const magnitude = Math.abs(value);
    if (!Number.isInteger(value) || magnitude > 2 ** 53 || Object.is(value, -0)) {
      this.byte(1);
      this.reserve(8);
      this.length = this.bytes.writeDoubleLE(value, this.length);
      return;
    }
    // Twice the magnitude, and one more for a negative one: past 2^53 a double has no such number.
    const low = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
    const high = Math.floor(magnitude / 64);
    if (high === 0) return this.byte(low);
    this.byte(low | 128);
    this.varint(high);
  }
}

function varintBytes(value) {
  let count = 1;
  for (; value >= 128; value = Math.floor(value / 128)) count += 1;
  return count;
}

/** Builds one frame after another. A record that doesn't fit leaves the frame as it was. */
class FrameBuilder {
  #header = new ByteWriter();
  #strings = new ByteWriter();
  #common = new ByteWriter();
  #bounds = new ByteWriter();
  #records = new ByteWriter();
  #record = new ByteWriter();
  #stringIndices = new Map();
  #boundsIndices = new Map();
  #key = null;
  recordCount = 0;

  /** Begins a frame: `instance` is eight bytes, `key` `{ id, secret }` or null. */
  begin({ instance, start, sequence, age, final, confirm, key, common }) {
    const parts = [this.#header, this.#strings, this.#common, this.#bounds, this.#records];
    for (const part of parts) part.length = 0;
    this.#stringIndices.clear();
    this.#boundsIndices.clear();
    this.recordCount = 0;
    this.#key = key ?? null;
    const header = this.#header;
    header.byte(MAGIC[0]);
    header.byte(MAGIC[1]);
    header.byte(VERSION);
    header.byte(
      (key ? FLAGS.signed : 0) | (final ? FLAGS.final : 0) | (confirm ? FLAGS.confirm : 0));
    if (key) {
      header.byte(Buffer.byteLength(key.id));
      header.append(Buffer.from(key.id));
    }
    header.append(instance);
    header.varint(start);
    header.varint(sequence);
    header.varint(age);
    this.#labels(this.#common, common);
  }

  /** Bytes that the frame would have if it ended here. */
  get size() {
    return this.#header.length + varintBytes(this.#stringIndices.size) + this.#strings.length
      + this.#common.length + varintBytes(this.#boundsIndices.size) + this.#bounds.length
      + this.#records.length + (this.#key ? TAG_BYTES : 0);
  }

  /** Adds a record, unless the frame would have more than `limit` bytes then. */
  add(record, limit) {
    const before = {
      strings: this.#strings.length, stringCount: this.#stringIndices.size,
      bounds: this.#bounds.length, boundsCount: this.#boundsIndices.size,
      records: this.#records.length,
    };
    this.#record.length = 0;
    this.#fields(this.#record, record);
    this.#records.varint(RECORDS[record.type]);
    this.#records.varint(this.#record.length);
    this.#records.append(this.#record.bytes, this.#record.length);
    if (this.size <= limit) {
      this.recordCount += 1;
      return true;
    }
    this.#strings.length = before.strings;
    this.#bounds.length = before.bounds;
    this.#records.length = before.records;
    forgetBehind(this.#stringIndices, before.stringCount);
    forgetBehind(this.#boundsIndices, before.boundsCount);
    return false;
  }

  finish() {
    const header = this.#header;
    header.varint(this.#stringIndices.size);
    header.append(this.#strings.bytes, this.#strings.length);
    header.append(this.#common.bytes, this.#common.length);
    header.varint(this.#boundsIndices.size);
    header.append(this.#bounds.bytes, this.#bounds.length);
    header.append(this.#records.bytes, this.#records.length);
    if (this.#key) header.append(tag(header.bytes.subarray(0, header.length), this.#key.secret));
    return Buffer.from(header.bytes.subarray(0, header.length));
  }

  #string(string) {
    let index = this.#stringIndices.get(string);
    if (index === undefined) {
      index = this.#stringIndices.size;
      this.#stringIndices.set(string, index);
      this.#strings.text(string);
    }
    return index;
  }

  #labels(writer, labels) {
    writer.varint(labels.length);
    for (const [name, value] of labels) {
      writer.varint(this.#string(name));
      writer.varint(this.#string(value));
    }
  }

  /** Which list of the frame's bounds it is, from 1; 0 are Weir's own. */
  #boundsList(bounds) {
    if (!bounds) return 0;
    const key = bounds.join();
    if (!this.#boundsIndices.has(key)) {
      this.#boundsIndices.set(key, this.#boundsIndices.size + 1);
      this.#bounds.varint(bounds.length);
      for (const bound of bounds) this.#bounds.number(bound);
    }
    return this.#boundsIndices.get(key);
  }

  #fields(writer, record) {
    if (record.type === 'clock') return writer.varint(record.sent_ms);
    writer.varint(this.#string(record.name));
    if (record.type === 'meta') {
      writer.varint(record.unit ? this.#string(record.unit) + 1 : 0);
      writer.varint(record.help ? this.#string(record.help) + 1 : 0);
      return;
    }
    this.#labels(writer, record.labels);
    switch (record.type) {
      case 'gauge':
      case 'gauge_add':
        writer.byte(MERGES[record.merge]);
        writer.number(record.value);
        if (record.held_ms !== undefined) writer.varint(record.held_ms);
        return;
      case 'members':
        writer.varint(record.hashes.length);
        for (const hash of record.hashes) writer.append(Buffer.from(hash, 'hex').reverse());
        if (record.ends_ms !== undefined) writer.zigzag(record.ends_ms);
        return;
      case 'sketch':
        writer.byte(record.precision);
        cells(writer, record.registers, (rank) => writer.byte(rank));
        if (record.ends_ms !== undefined) writer.zigzag(record.ends_ms);
        return;
      case 'observations':
        writer.number(record.weight);
        writer.varint(record.values.length);
        for (const value of record.values) writer.number(value);
        break;
      case 'histogram':
        writer.varint(this.#boundsList(record.bounds));
        writer.number(record.sum);
        cells(writer, record.buckets, (count) => writer.number(count));
        break;
      case 'exponential':
        writer.zigzag(record.schema);
        writer.number(record.sum);
        writer.number(record.zero);
        run(writer, record.positive);
        run(writer, record.negative);
        break;
      default:
        writer.number(record.value);
    }
    this.#exemplars(writer, record.exemplars ?? [], record.began_ms);
  }

  /** The count of exemplars is written where there are some, or where the series' beginning follows. */
  #exemplars(writer, exemplars, began) {
    if (exemplars.length === 0 && began === undefined) return;
    writer.varint(exemplars.length);
    for (const exemplar of exemplars) {
      this.#labels(writer, exemplar.labels);
      writer.number(exemplar.value);
      writer.varint(exemplar.age_ms);
    }
    if (began !== undefined) writer.varint(began);
  }
}

function forgetBehind(indices, count) {
  if (indices.size === count) return;
  for (const key of [...indices.keys()].slice(count)) indices.delete(key);
}

/** Pairs of an ascending index and what is there, by how many indices were skipped. */
function cells(writer, pairs, write) {
  writer.varint(pairs.length);
  let next = 0;
  for (const [index, value] of pairs) {
    writer.varint(index - next);
    write(value);
    next = index + 1;
  }
}

/** The same, where the first index may be any. */
function run(writer, pairs) {
  writer.varint(pairs.length);
  let next = null;
  for (const [index, count] of pairs) {
    if (next === null) writer.zigzag(index);
    else writer.varint(index - next);
    writer.number(count);
    next = index + 1;
  }
}

function tag(bytes, secret) {
  return createHmac('sha256', secret).update(bytes).digest().subarray(0, TAG_BYTES);
}

/**
 * The bytes of a frame that means `frame`, in the form of docs/protocol-vectors.json: what the client
 * itself sends comes out of the same builder.
 */
export function encodeFrame(frame, { keys = {} } = {}) {
  const key = frame.key ? { id: frame.key, secret: keys[frame.key] } : null;
  if (key && key.secret === undefined) throw new TypeError(`There is no key "${key.id}" in keys.`);
  const builder = new FrameBuilder();
  builder.begin({
    instance: Buffer.from(frame.instance, 'hex').reverse(), start: frame.start_ms,
    sequence: whole(frame.sequence), age: whole(frame.age_ms), final: frame.final,
    confirm: frame.confirm, key, common: frame.common,
  });
  for (const record of frame.records) {
    if (!builder.add(record, FRAME_BYTES_MAX)) {
      throw new RangeError(`A frame has ${FRAME_BYTES_MAX} bytes at most; this one has more.`);
    }
  }
  return builder.finish();
}

/** Numbers beyond 2^53 come as digits, for JSON has no room for them. */
function whole(number) {
  return typeof number === 'string' ? BigInt(number) : number;
}

/**
 * Reads the answer to a frame: `{ instance, sequence }`, the instance as 16 hex digits. Null where the
 * bytes are no answer, or where a secret is given and its tag is missing or wrong.
 */
export function decodeAnswer(bytes, { secret } = {}) {
  const end = bytes.length - (secret === undefined ? 0 : TAG_BYTES);
  if (end < 13 || bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1] || bytes[2] !== VERSION) {
    return null;
  }
  if (bytes[3] !== (FLAGS.answer | (secret === undefined ? 0 : FLAGS.signed))) return null;
  const body = bytes.subarray(0, end);
  if (secret !== undefined && !timingSafeEqual(bytes.subarray(end), tag(body, secret))) return null;
  let sequence = 0;
  for (let index = 12, scale = 1; index < end; index += 1, scale *= 128) {
    sequence += (body[index] & 127) * scale;
    if (body[index] < 128) {
      return { instance: Buffer.from(body.subarray(4, 12)).reverse().toString('hex'), sequence };
    }
  }
  return null;
}

// --------------------------------------------------------------------------------------- Series

/** Flushes after a change at which what has changed is sent again; then it is once in 60. */
const REPEATS = [1, 2, 4, 8, 16, 32];
/** In this time a Weir that was started anew knows all. */
const REPEAT_MILLISECONDS = 60_000;
const REPEAT_FLUSHES_MAX = 60;
/** Bytes of a series' name and labels together that Weir takes by default. */
const SERIES_BYTES_MAX = 4096;
/** Labels of a series that Weir takes by default. */
const SERIES_LABELS_MAX = 64;
/** Characters of an exemplar's labels together, as OpenMetrics has it. */
const EXEMPLAR_CHARACTERS_MAX = 128;

/** What is sent when it has changed, and now and then when it has not. */
class Sent {
  changed = true;
  #changedAt = 0;
  #repeats = 0;
  #due = Infinity;
  #spread;

  /** Where `spread` differs, the turns of what is sent once in a cycle do. */
  constructor(spread) {
    this.#spread = spread;
  }

  /** Whether to send it in flush number `flush`, where each is sent once in `cycle` flushes. */
  isDue(flush, cycle) {
    if (this.changed) {
      this.changed = false;
      this.#changedAt = flush;
      this.#repeats = 0;
    } else if (flush < this.#due) {
      return false;
    }
    const repeat = REPEATS[this.#repeats];
    if (repeat < cycle) {
      this.#due = this.#changedAt + repeat;
      this.#repeats += 1;
    } else {
      this.#due = flush + cycle;
      // The first turn is shorter for most, so that the series of a process don't come all at once.
      if (this.#repeats <= REPEATS.length) this.#due -= this.#spread % cycle;
      this.#repeats = REPEATS.length + 1;
    }
    return true;
  }

  /** Whether its first repeats are over. */
  get isSettled() {
    return this.#repeats > REPEATS.length;
  }

  /** It is known to have arrived by flush number `flush`: only a Weir that starts anew lacks it. */
  arrived(flush, cycle) {
    if (this.changed) return;
    this.#due = flush + cycle - (this.#spread % cycle);
    this.#repeats = REPEATS.length + 1;
  }
}

/** The unit and the help text of a metric. */
class Meta extends Sent {
  constructor(metric, spread) {
    super(spread);
    this.metric = metric;
  }

  record() {
    const { name, unit, help } = this.metric;
    return { type: 'meta', name, unit, help };
  }
}

/** One metric with one set of labels: the handle that records. */
class Series extends Sent {
  constructor(metric, labels, spread) {
    super(spread);
    this.metric = metric;
    this.labelPairs = labels;
    this.exemplars = null;
  }

  /** Remembers `labels` as an example of what is counted in `place`, the latest of each place. */
  keepExemplar(place, value, labels) {
    try {
      const pairs = Object.entries(labels).map(([name, text]) => [name, String(text)]);
      const characters = pairs.flat().reduce((sum, text) => sum + [...text].length, 0);
      if (characters > EXEMPLAR_CHARACTERS_MAX) return this.metric.client.refuse();
      this.exemplars ??= new Map();
      this.exemplars.set(place, { labels: pairs, value, at: this.metric.client.now() });
    } catch {
      this.metric.client.refuse();
    }
  }

  /** The exemplars, each of which goes out once. */
  takeExemplars(now) {
    if (!this.exemplars) return undefined;
    const taken = [...this.exemplars.values()].map(({ labels, value, at }) => (
      { labels, value, age_ms: Math.max(0, now - at) }));
    this.exemplars = null;
    return taken;
  }
}

class CounterSeries extends Series {
  total = 0;

  inc(amount = 1, exemplar = undefined) {
    if (typeof amount !== 'number' || !(amount >= 0 && this.total + amount < Infinity)) {
      return this.metric.client.refuse();
    }
    this.total += amount;
    this.changed = true;
    if (exemplar !== undefined) this.keepExemplar(0, amount, exemplar);
  }

  /** Takes a total that is kept elsewhere, such as the kernel's of a process; it never falls. */
  setTotal(total) {
    if (typeof total !== 'number' || !(total >= this.total && total < Infinity)) {
      return this.metric.client.refuse();
    }
    if (total === this.total) return;
    this.total = total;
    this.changed = true;
  }

  record(now) {
    return {
      type: 'counter', name: this.metric.name, labels: this.labelPairs, value: this.total,
      exemplars: this.takeExemplars(now),
    };
  }
}

class GaugeSeries extends Series {
  // Nothing to send before the first value is set.
  changed = false;
  value = NaN;

  set(value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.metric.client.refuse();
    if (value === this.value) return;
    this.value = value;
    this.changed = true;
  }

  inc(amount = 1) {
    if (typeof amount !== 'number') return this.metric.client.refuse();
    this.set((Number.isNaN(this.value) ? 0 : this.value) + amount);
  }

  dec(amount = 1) {
    if (typeof amount !== 'number') return this.metric.client.refuse();
    this.inc(-amount);
  }

  /** Takes the gauge away, until it is set again. */
  remove() {
    if (Number.isNaN(this.value)) return;
    this.value = NaN;
    this.changed = true;
  }

  /** That it was taken away is told in the first flushes, and then no more. */
  isDue(flush, cycle) {
    const isOver = Number.isNaN(this.value) && this.isSettled && !this.changed;
    return !isOver && super.isDue(flush, cycle);
  }

  record() {
    const { name, merge } = this.metric;
    return { type: 'gauge', name, labels: this.labelPairs, merge, value: this.value };
  }
}

class HistogramSeries extends Series {
  sum = 0;
  count = 0;

  constructor(metric, labels, spread) {
    super(metric, labels, spread);
    this.upper = metric.bounds ?? defaultBounds;
    this.buckets = new Float64Array(this.upper.length + 1);
  }

  observe(value, exemplar = undefined) {
    if (typeof value !== 'number' || !Number.isFinite(this.sum + value)) {
      return this.metric.client.refuse();
    }
    const { upper } = this;
    let bucket = 0;
    let end = upper.length;
    while (bucket < end) {
      const middle = (bucket + end) >> 1;
      if (value <= upper[middle]) end = middle;
      else bucket = middle + 1;
    }
    this.buckets[bucket] += 1;
    this.sum += value;
    this.count += 1;
    this.changed = true;
    if (exemplar !== undefined) this.keepExemplar(bucket, value, exemplar);
  }

  /** Starts to measure; the function that it returns observes the seconds since, and returns them. */
  startTimer() {
    const start = performance.now();
    return (exemplar) => {
      const seconds = (performance.now() - start) / 1000;
      this.observe(seconds, exemplar);
      return seconds;
    };
  }

  record(now) {
    const buckets = [];
    this.buckets.forEach((count, index) => {
      if (count > 0) buckets.push([index, count]);
    });
    const { name, bounds } = this.metric;
    return {
      type: 'histogram', name, labels: this.labelPairs, bounds, sum: this.sum, buckets,
      exemplars: this.takeExemplars(now),
    };
  }
}

/** Stands for the series that found no place: what is recorded in it is counted, and is lost. */
class LostSeries {
  #client;

  constructor(client) {
    this.#client = client;
  }

  inc() { this.#client.overflowed(); }
  dec() { this.#client.overflowed(); }
  set() { this.#client.overflowed(); }
  remove() {}
  setTotal() { this.#client.overflowed(); }
  observe() { this.#client.overflowed(); }

  startTimer() {
    const start = performance.now();
    return () => {
      this.#client.overflowed();
      return (performance.now() - start) / 1000;
    };
  }
}

// -------------------------------------------------------------------------------------- Metrics

/** A name and its series by their labels. */
class Metric {
  #Series;
  #series = new Map();
  /** The same series by labels as they were written, in whatever order. */
  #asWritten = new Map();
  #plain = null;

  constructor(client, name, { help, unit }, SeriesClass) {
    this.client = client;
    this.name = name;
    this.help = help ?? null;
    this.unit = unit ?? null;
    this.#Series = SeriesClass;
  }

  /** The series of these labels, to be kept where it is recorded in often. */
  labels(labels) {
    if (labels === undefined || labels === null) return this.plain();
    let key = '';
    try {
      for (const name in labels) {
        const value = labels[name];
        const text = typeof value === 'string' ? value : labelText(value);
        // With their lengths, so that no text can pass for the end of another.
        key += `${name.length},${text.length},${name}${text}`;
      }
      return this.#asWritten.get(key) ?? this.#find(labels, key);
    } catch {
      // A label that can't be read, such as an object whose toString throws.
      this.client.refuse();
      return this.client.lost;
    }
  }

  /** The series without labels but the common ones. */
  plain() {
    if (this.#plain) return this.#plain;
    const series = this.#find({}, '');
    if (series !== this.client.lost) this.#plain = series;
    return series;
  }

  #find(labels, key) {
    const pairs = labelPairs(labels, this.client.commonLabels);
    const identity = JSON.stringify(pairs);
    let series = this.#series.get(identity);
    if (!series) {
      if (!this.client.hasPlace(this.name, pairs)) return this.client.lost;
      series = this.client.keep(new this.#Series(this, pairs, this.client.seriesCount));
      this.#series.set(identity, series);
    }
    if (this.#asWritten.size >= 2 * this.client.seriesMax) this.#asWritten.clear();
    this.#asWritten.set(key, series);
    return series;
  }
}

function labelText(value) {
  return value === undefined || value === null ? '' : String(value);
}

/**
 * Labels as they are sent: by name in ascending order, with the names that Prometheus can have, and
 * without those that say nothing, so that one series is one whatever way its labels were written.
 */
function labelPairs(labels, common) {
  const pairs = new Map();
  for (const name in labels) pairs.set(labelName(name), wellFormed(labelText(labels[name])));
  return [...pairs]
    .filter(([name, value]) => value !== '' && common.get(name) !== value)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

function labelName(name) {
  return name.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^(?=[0-9]|$)/, '_');
}

/** Without halves of surrogate pairs, which UTF-8 has no form for. */
function wellFormed(text) {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text;
}

class Counter extends Metric {
  type = 'counter';

  constructor(client, name, options) {
    super(client, name, options, CounterSeries);
  }

  inc(labels, amount, exemplar) {
    if (isLabels(labels)) this.labels(labels).inc(amount, exemplar);
    else this.plain().inc(labels, amount);
  }

  setTotal(labels, total) {
    if (isLabels(labels)) this.labels(labels).setTotal(total);
    else this.plain().setTotal(labels);
  }
}

class Gauge extends Metric {
  type = 'gauge';

  constructor(client, name, options) {
    super(client, name, options, GaugeSeries);
    this.merge = options.merge ?? 'last';
    if (!Object.hasOwn(MERGES, this.merge)) {
      const known = Object.keys(MERGES).join(', ');
      throw new TypeError(`${name}: merge "${this.merge}" is not known; write one of ${known}.`);
    }
  }

  set(labels, value) {
    if (isLabels(labels)) this.labels(labels).set(value);
    else this.plain().set(labels);
  }

  inc(labels, amount) {
    if (isLabels(labels)) this.labels(labels).inc(amount);
    else this.plain().inc(labels);
  }

  dec(labels, amount) {
    if (isLabels(labels)) this.labels(labels).dec(amount);
    else this.plain().dec(labels);
  }

  remove(labels) {
    this.labels(labels).remove();
  }
}

/** Bounds of one histogram that a frame can carry. */
const BOUNDS_MAX = 200;

class Histogram extends Metric {
  type = 'histogram';

  constructor(client, name, options) {
    super(client, name, options, HistogramSeries);
    this.bounds = histogramBounds(name, options.bounds);
  }

  observe(labels, value, exemplar) {
    if (isLabels(labels)) this.labels(labels).observe(value, exemplar);
    else this.plain().observe(labels, value);
  }

  startTimer(labels) {
    return this.labels(labels).startTimer();
  }
}

/** The bounds of a histogram as they are sent: null for Weir's own. */
function histogramBounds(name, bounds) {
  if (!bounds) return null;
  const own = [...bounds].filter((bound) => bound !== Infinity);
  const isAscending = own.every(
    (bound, index) => Number.isFinite(bound) && (index === 0 || bound > own[index - 1]));
  if (!isAscending || own.length > BOUNDS_MAX) {
    throw new RangeError(
      `${name}: bounds must be finite and ascending, and ${BOUNDS_MAX} at most; write for example `
      + '[0.1, 1, 10].');
  }
  return own.join() === defaultBounds.join() ? null : Object.freeze(own);
}

function isLabels(value) {
  return typeof value === 'object' && value !== null;
}

// ------------------------------------------------------------------------------------ Ways out

/** How often a socket to a host's name is opened anew, so that it follows the name. */
const RESOLVE_MILLISECONDS = 60_000;
/** How long a socket that failed stays closed. */
const REOPEN_MILLISECONDS = 1000;

/** Frames as datagrams. Whether they arrive is not known, but by answers. */
class DatagramWay {
  frameBytesMax = DATAGRAM_BYTES;
  answersComeBySocket = true;
  /** What is called with each datagram that comes back. */
  onAnswer = () => {};
  #host;
  #port;
  #onError;
  #socket = null;
  #opening = null;
  #openedAt = -Infinity;

  constructor(address, onError) {
    ({ host: this.#host, port: this.#port } = hostAndPort(address));
    this.#onError = onError;
    this.#open();
  }

  async send(frames) {
    await this.#open();
    const socket = this.#socket;
    if (!socket) return 'unknown';
    await Promise.all(frames.map((frame) => new Promise((resolve) => {
      socket.send(frame, (error) => {
        if (error) this.#onError(error);
        resolve();
      });
    })));
    return 'unknown';
  }

  /** Hands the frames to the kernel before it returns, where the socket is open: for `exit`. */
  sendNow(frames) {
    try {
      for (const frame of frames) this.#socket?.send(frame, () => {});
    } catch (error) {
      this.#onError(error);
    }
  }

  close() {
    const socket = this.#socket;
    this.#socket = null;
    this.#openedAt = Infinity;
    socket?.close();
  }

  /** Never fails: without a socket nothing is sent, and it is tried again later. */
  #open() {
    const age = performance.now() - this.#openedAt;
    if (this.#socket && !(age > RESOLVE_MILLISECONDS && isIP(this.#host) === 0)) return null;
    if (!this.#opening && age > REOPEN_MILLISECONDS) {
      this.#openedAt = performance.now();
      this.#opening = this.#connect().finally(() => { this.#opening = null; });
    }
    return this.#opening;
  }

  async #connect() {
    let socket;
    try {
      const { address, family } = await resolve(this.#host);
      socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4');
      socket.unref();
      await new Promise((resolved, rejected) => {
        socket.once('error', rejected);
        socket.connect(this.#port, address, resolved);
      });
    } catch (error) {
      socket?.close();
      return this.#onError(error);
    }
    socket.removeAllListeners('error');
    socket.on('error', this.#onError);
    socket.on('message', (bytes) => this.onAnswer(bytes));
    // Closed while it was opening.
    if (this.#openedAt === Infinity) return socket.close();
    this.#socket?.close();
    this.#socket = socket;
  }
}

async function resolve(host) {
  const family = isIP(host);
  return family ? { address: host, family } : dns.lookup(host);
}

function hostAndPort(address) {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(address) ?? [];
  if (!(port >= 1 && port <= 65_535)) {
    throw new TypeError(`address "${address}": write HOST:PORT or [IPV6]:PORT.`);
  }
  return { host: bracketed ?? plain, port: Number(port) };
}

/** Bytes of one request's body that Weir takes. */
const BODY_BYTES_MAX = 1_048_576;
/** Over TCP frames may be larger, and share more strings; one that is refused should not be all. */
const HTTP_FRAME_BYTES = 16_384;
/** Characters of an answer that are kept for the operator. */
const ANSWER_CHARACTERS_MAX = 500;

/** Frames in the bodies of requests, for hosts that have no UDP. */
class RequestWay {
  frameBytesMax = HTTP_FRAME_BYTES;
  answersComeBySocket = false;
  #url;
  #request;
  #options;
  #timeout;
  #onError;

  constructor(url, { timeout = 5000, ca }, onError) {
    this.#url = new URL(url);
    if (!['http:', 'https:'].includes(this.#url.protocol)) {
      throw new TypeError(`url: "${this.#url.protocol}" is not known; write http: or https:.`);
    }
    const isSecure = this.#url.protocol === 'https:';
    this.#request = isSecure ? https.request : http.request;
    const Agent = isSecure ? https.Agent : http.Agent;
    this.#options = {
      method: 'POST', ca, agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    };
    const { username, password } = this.#url;
    if (username || password) {
      this.#options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      this.#url.username = '';
      this.#url.password = '';
    }
    this.#timeout = timeout;
    this.#onError = onError;
  }

  /** Resolves to `arrived`, `refused` (to send it again would not help) or `unknown`. */
  async send(frames, { holdsProcess = true, timeout = this.#timeout } = {}) {
    let outcome = 'arrived';
    for (const body of bodies(frames)) {
      try {
        const { status, text } = await this.#post(body, holdsProcess, timeout);
        if (status >= 200 && status < 300) continue;
        this.#onError(new Error(`${this.#url.href} answered ${status}: ${text}`));
        outcome = status === 400 ? 'refused' : 'unknown';
      } catch (error) {
        this.#onError(error);
        return 'unknown';
      }
    }
    return outcome;
  }

  sendNow() {}

  close() {
    this.#options.agent.destroy();
  }

  #post(body, holdsProcess, timeout) {
    return new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/vnd.weir.push', 'Content-Length': body.length,
      };
      const request = this.#request(this.#url, { ...this.#options, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => { text = (text + part).slice(0, ANSWER_CHARACTERS_MAX); });
        response.on('end', () => resolve({ status: response.statusCode, text: text.trim() }));
        response.on('error', reject);
      });
      // Over all, and not between two bytes as a socket's own timeout.
      const timer = setTimeout(() => {
        request.destroy(new Error(`${this.#url.href} did not answer within ${timeout} ms`));
      }, timeout);
      if (!holdsProcess) {
        timer.unref();
        request.on('socket', (socket) => socket.unref());
      }
      request.on('error', reject);
      request.on('close', () => {
        clearTimeout(timer);
        reject(new Error(`${this.#url.href} closed the connection`));
      });
      request.end(body);
    });
  }
}

/** The frames as bodies of requests, each frame behind its length. */
function* bodies(frames) {
  let writer = new ByteWriter();
  for (const frame of frames) {
    if (writer.length + frame.length + varintBytes(frame.length) > BODY_BYTES_MAX) {
      yield writer.bytes.subarray(0, writer.length);
      writer = new ByteWriter();
    }
    writer.varint(frame.length);
    writer.append(frame);
  }
  yield writer.bytes.subarray(0, writer.length);
}

// ----------------------------------------------------------------------------------- The client

/** An instance sends a frame at least this often, though it be empty of records. */
const HEARTBEAT_MILLISECONDS = 15_000;
/** The first wait for answers to the last frames; each further one is twice as long, up to a second. */
const CONFIRM_MILLISECONDS = 50;
const CONFIRM_MILLISECONDS_MAX = 1000;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const REGISTRY = Symbol.for('weir.client');
const OVERFLOW_NAME = 'push_client_series_overflow_total';

export class Client {
  /** What happened, for whoever wants to look: see weir.d.mts. */
  stats = {
    flushes: 0, framesSent: 0, bytesSent: 0, errors: 0, lastError: null, valuesRefused: 0,
    samplesOverflowed: 0,
  };
  /** What recordings go to that found no place. */
  lost = new LostSeries(this);
  instanceID = randomBytes(8);
  #options;
  #way;
  #key;
  #now;
  #start;
  #sequence = 0;
  #flush = 0;
  #cycle;
  #lastSentAt = -Infinity;
  #metrics = new Map();
  #metas = [];
  #series = [];
  #overflow = null;
  #collectors = [];
  #builder = new FrameBuilder();
  #queue = Promise.resolve();
  #isFlushing = false;
  #timer = null;
  #closing = null;
  #processEvents = [];

  constructor(options = {}) {
    const { flushInterval = 1000, seriesMax = 10_000, now = Date.now } = options;
    if (flushInterval !== 0 && !(flushInterval >= 100 && flushInterval <= 10_000)) {
      throw new RangeError(
        `flushInterval ${flushInterval}: write milliseconds from 100 to 10000, or 0 to flush by hand.`);
    }
    this.#options = { ...options, flushInterval };
    this.seriesMax = seriesMax;
    this.#key = signingKey(options.key);
    this.commonLabels = new Map(labelPairs(options.labels ?? {}, new Map()));
    this.instance = options.instance ?? `${hostname()}:${process.pid}`;
    this.#now = now;
    this.#start = now();
    this.#cycle = Math.min(
      REPEAT_FLUSHES_MAX, Math.floor(REPEAT_MILLISECONDS / (flushInterval || 10_000)));
    this.#way = options.transport ?? this.#openWay(options);
    if (options.processMetrics ?? true) measureProcess(this);
    if (flushInterval) this.#schedule();
    this.#watchProcess(options.signals ?? false);
  }

  counter(name, options = {}) { return this.#metric(Counter, name, options); }
  gauge(name, options = {}) { return this.#metric(Gauge, name, options); }
  histogram(name, options = {}) { return this.#metric(Histogram, name, options); }

  /** Calls `read` before each flush, to set what is read rather than counted. */
  collect(read) {
    this.#collectors.push(read);
  }

  now() {
    return this.#now();
  }

  /**
   * Sends what has changed or is due. Resolves once it has been handed to the kernel, or answered where
   * it goes by HTTP; never rejects.
   */
  flush() {
    this.#queue = this.#queue.then(() => this.#flushOnce(true));
    return this.#queue;
  }

  /**
   * Sends all totals a last time, until they are confirmed or `timeout` milliseconds have passed.
   * Resolves to whether all of them are known to have arrived; never rejects.
   */
  close({ timeout = 2000 } = {}) {
    this.#closing ??= this.#finish(timeout);
    return this.#closing;
  }

  /** All that was recorded, by series, with the common labels. */
  snapshot() {
    return this.#series.filter((series) => isSet(series)).map((series) => {
      const { type, name } = series.metric;
      const labels = Object.fromEntries([...this.commonLabels, ...series.labelPairs]);
      if (type !== 'histogram') return { type, name, labels, value: series.total ?? series.value };
      const { sum, count, upper, buckets } = series;
      return { type, name, labels, sum, count, bounds: [...upper], buckets: [...buckets] };
    });
  }

  // What metrics and series need of their client.

  get seriesCount() {
    return this.#series.length;
  }

  hasPlace(name, pairs) {
    if (this.#series.length >= this.seriesMax || pairs.length > SERIES_LABELS_MAX) return false;
    return Buffer.byteLength(name + pairs.flat().join('')) <= SERIES_BYTES_MAX;
  }

  keep(series) {
    this.#series.push(series);
    return series;
  }

  /** Counts a value that can't be meant. */
  refuse() {
    this.stats.valuesRefused += 1;
  }

  /** Counts a sample whose series found no place. */
  overflowed() {
    this.stats.samplesOverflowed += 1;
    if (!this.#overflow) {
      // Beside the others, so that it finds a place where they did not.
      const counter = new Counter(this, OVERFLOW_NAME, {
        help: 'Samples of clients that found no place for their series.',
      });
      this.#metas.push(new Meta(counter, 0));
      this.#overflow = this.keep(new CounterSeries(counter, [], 0));
    }
    this.#overflow.inc();
  }

  #metric(Class, name, options) {
    const known = this.#metrics.get(name);
    if (known) {
      const isSame = known instanceof Class
        && (Class !== Histogram || String(histogramBounds(name, options.bounds)) === String(known.bounds));
      if (isSame) return known;
      throw new TypeError(`${name} is defined already, as a ${known.type}; give this one another name.`);
    }
    if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
      throw new TypeError(`"${name}" is no metric's name; write letters, digits, _ and :.`);
    }
    const metric = new Class(this, name, options);
    this.#metrics.set(name, metric);
    if (metric.help || metric.unit) this.#metas.push(new Meta(metric, this.#metas.length));
    return metric;
  }

  #openWay(options) {
    const onError = (error) => this.#failed(error);
    if (options.url) return new RequestWay(options.url, options, onError);
    return new DatagramWay(options.address ?? '127.0.0.1:8125', onError);
  }

  #failed(error) {
    this.stats.errors += 1;
    this.stats.lastError = error;
    try {
      this.#options.onError?.(error);
    } catch {
      // What goes wrong in there is not the application's matter, nor that of the flush.
    }
  }

  /** Sets off the next flush, a little sooner or later by chance, so that clients don't march in step. */
  #schedule() {
    const delay = this.#options.flushInterval * (0.9 + 0.2 * Math.random());
    this.#timer = setTimeout(async () => {
      // A slow server does not gather a queue: the next flush sends the totals of then.
      if (!this.#isFlushing) await this.#flushOnce(false);
      if (!this.#closing) this.#schedule();
    }, delay);
    this.#timer.unref();
  }

  async #flushOnce(holdsProcess) {
    if (this.#closing) return;
    this.#isFlushing = true;
    try {
      const { frames, sent } = this.#takeDue();
      if (frames.length === 0) return;
      const outcome = await this.#way.send(frames, { holdsProcess });
      if (outcome === 'arrived') for (const each of sent) each.arrived(this.#flush, this.#cycle);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isFlushing = false;
    }
  }

  /** What this flush sends: frames, and what is in them. */
  #takeDue() {
    this.#collect();
    this.#flush += 1;
    this.stats.flushes += 1;
    const due = (each) => each.isDue(this.#flush, this.#cycle);
    const sent = [...this.#metas.filter(due), ...this.#series.filter(due)];
    const next = this.#now() + 1.2 * this.#options.flushInterval;
    const isSilent = next - this.#lastSentAt >= HEARTBEAT_MILLISECONDS;
    const frames = sent.length > 0 || isSilent ? this.#frames(sent, {}) : [];
    return { frames, sent };
  }

  #collect() {
    for (const read of this.#collectors) {
      try {
        read();
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  #frames(sent, flags) {
    const frames = [];
    const limit = this.#options.frameBytesMax ?? this.#way.frameBytesMax;
    const now = this.#now();
    const builder = this.#builder;
    const begin = () => builder.begin({
      instance: this.instanceID, start: this.#start, sequence: this.#sequence + 1,
      age: Math.max(0, now - this.#start), key: this.#key, common: [...this.commonLabels], ...flags,
    });
    const end = () => {
      this.#sequence += 1;
      frames.push(builder.finish());
    };
    begin();
    for (const each of sent) {
      const record = each.record(now);
      if (builder.add(record, limit)) continue;
      if (builder.recordCount > 0) {
        end();
        begin();
      }
      // One that is too long for a frame of the usual size has one to itself.
      builder.add(record, FRAME_BYTES_MAX);
    }
    end();
    this.#lastSentAt = now;
    this.stats.framesSent += frames.length;
    for (const frame of frames) this.stats.bytesSent += frame.length;
    return frames;
  }

  /** The frames with everything that outlives the instance: its gauges leave with it. */
  #lastFrames(flags) {
    this.#collect();
    const metas = this.#metas.filter((meta) => meta.changed);
    const totals = this.#series.filter((series) => !(series instanceof GaugeSeries));
    return this.#frames([...metas, ...totals], { final: true, ...flags });
  }

  async #finish(timeout) {
    clearTimeout(this.#timer);
    const deadline = performance.now() + timeout;
    await settledBy(this.#queue, timeout);
    let isConfirmed = false;
    const confirming = async () => {
      try {
        const frames = this.#lastFrames({ confirm: this.#way.answersComeBySocket });
        isConfirmed = await this.#confirm(frames, deadline);
      } catch (error) {
        this.#failed(error);
      }
    };
    // Finding the host of a name may take longer than there is patience.
    await settledBy(confirming(), Math.max(1, deadline - performance.now()));
    this.#leave();
    return isConfirmed;
  }

  /** Sends the frames until each is answered, at growing intervals. */
  async #confirm(frames, deadline) {
    const waiting = new Map();
    const first = this.#sequence - frames.length + 1;
    frames.forEach((frame, index) => waiting.set(first + index, frame));
    const instance = Buffer.from(this.instanceID).reverse().toString('hex');
    let allAnswered = () => {};
    this.#way.onAnswer = (bytes) => {
      const answer = decodeAnswer(bytes, { secret: this.#key?.secret });
      if (answer?.instance === instance) waiting.delete(answer.sequence);
      if (waiting.size === 0) allAnswered();
    };
    for (let delay = CONFIRM_MILLISECONDS; ; delay = Math.min(2 * delay, CONFIRM_MILLISECONDS_MAX)) {
      const timeout = Math.max(1, deadline - performance.now());
      const outcome = await this.#way.send([...waiting.values()], { timeout });
      if (outcome === 'arrived' || waiting.size === 0) return true;
      const left = deadline - performance.now();
      if (outcome === 'refused' || left <= 0) return false;
      await settledBy(new Promise((resolve) => { allAnswered = resolve; }), Math.min(delay, left));
      if (waiting.size === 0) return true;
    }
  }

  /** Ends as well as the end of the process leaves room for. */
  #watchProcess(signals) {
    const on = (event, listener) => {
      process.on(event, listener);
      this.#processEvents.push([event, listener]);
    };
    on('beforeExit', () => this.close());
    on('exit', () => {
      if (this.#closing || !this.#way.sendNow) return;
      this.#way.sendNow(this.#lastFrames({ confirm: false }));
    });
    for (const signal of signals === true ? ['SIGTERM', 'SIGINT'] : signals || []) {
      const listener = async () => {
        // Where the application ends itself by the signal, `exit` or `beforeExit` comes later.
        if (process.listeners(signal).some((other) => !other[REGISTRY])) return this.flush();
        await this.close();
        // Unheard by then, so that it ends the process; or heard by another client, which does that.
        process.kill(process.pid, signal);
      };
      listener[REGISTRY] = true;
      on(signal, listener);
    }
  }

  #leave() {
    for (const [event, listener] of this.#processEvents) process.off(event, listener);
    this.#way.close?.();
    if (shared().client === this) shared().client = null;
    if (shared().measured === this) shared().measured = null;
  }
}

function isSet(series) {
  return !(series instanceof GaugeSeries) || !Number.isNaN(series.value);
}

function signingKey(key) {
  if (!key) return null;
  const bytes = Buffer.byteLength(key.id ?? '');
  if (bytes < 1 || bytes > 32 || !key.secret?.length) {
    throw new TypeError('key: write { id, secret }, the id of 1 to 32 bytes.');
  }
  return { id: key.id, secret: key.secret };
}

/** Waits for `promise`, or so many milliseconds. */
function settledBy(promise, milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A client of its own. */
export function createClient(options) {
  return new Client(options);
}

/**
 * The client of this process, made by the first call; the options of later ones are not looked at. It
 * is the same one where a bundler has put this file into several bundles.
 */
export function sharedClient(options) {
  shared().client ??= new Client(options);
  return shared().client;
}

/** What copies of this file in one process share. */
function shared() {
  globalThis[REGISTRY] ??= { client: null, measured: null };
  return globalThis[REGISTRY];
}

// ---------------------------------------------------------------------------- Its own process

/** How often the process is measured. Prometheus asks no more often than that. */
const MEASURE_MILLISECONDS = 5000;
const LAG_RESOLUTION_MILLISECONDS = 20;

/** Tells of the process, once however many clients it has: totals of two would be added up. */
function measureProcess(client) {
  if (shared().measured) return;
  shared().measured = client;
  const labels = { instance: client.instance };
  const gauge = (name, help, unit) => client.gauge(name, { help, unit }).labels(labels);
  const counter = (name, help, unit) => client.counter(name, { help, unit }).labels(labels);
  const resident = gauge('process_resident_memory_bytes', 'Resident memory size.', 'bytes');
  const heap = gauge('process_heap_bytes', 'Memory of the JavaScript heap in use.', 'bytes');
  const user = counter('process_cpu_user_seconds_total', 'CPU time in user mode.', 'seconds');
  const system = counter('process_cpu_system_seconds_total', 'CPU time in the kernel.', 'seconds');
  const uptime = gauge('process_uptime_seconds', 'Time since the process started.', 'seconds');
  const lag = gauge(
    'nodejs_eventloop_lag_seconds', 'Longest delay of the event loop in five seconds.', 'seconds');
  const version = client.gauge('nodejs_version_info', { help: 'Version of Node.js; always 1.' });
  version.set({ ...labels, version: process.version }, 1);
  const delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MILLISECONDS });
  delays.enable();
  let measuredAt = -Infinity;
  client.collect(() => {
    if (performance.now() - measuredAt < MEASURE_MILLISECONDS) return;
    measuredAt = performance.now();
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    resident.set(memory.rss);
    heap.set(memory.heapUsed);
    user.setTotal(cpu.user / 1e6);
    system.setTotal(cpu.system / 1e6);
    uptime.set(process.uptime());
    // The delays are between two ticks of a timer, which are that far apart on an idle loop.
    lag.set(Math.max(0, delays.max / 1e9 - LAG_RESOLUTION_MILLISECONDS / 1e3));
    delays.reset();
  });
}
