// Weir's client for Node.js 18 and newer: this file alone, without dependencies.
//
//     import { createClient } from './weir.mjs';
//     const weir = createClient({ address: '127.0.0.1:8125' });
//     const requests = weir.counter('llm_requests_total', { help: 'Requests to providers.' });
//     requests.inc({ provider: 'openai' });
//
// It keeps totals and sends those that have changed, once a second; the protocol is Weir's
// docs/protocol.md. To record is to add in memory: it never throws, waits or sends. Mistakes of the
// programmer, such as a counter by the name of a gauge, throw where the metric is defined; so does a
// label that a metric's `labelNames` do not name, where it is used.
//
// In order: the form of frames, time, series, metrics, the ways out (UDP, HTTP), the client, and what
// it tells of its own process.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { constants as osConstants, hostname, uptime } from 'node:os';
import {
  constants as performanceConstants, monitorEventLoopDelay, performance, PerformanceObserver,
} from 'node:perf_hooks';
import { readdirSync, readFileSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';

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

  /**
   * Begins a frame: `instance` is eight bytes, `key` `{ id, secret }` or null. Where `sent` is given,
   * the wall time of sending, the frame begins with it; `recordCount` does not count it.
   */
  begin({ instance, start, sequence, age, final, confirm, key, common, sent }) {
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
    if (sent > 0) this.add({ type: 'clock', sent_ms: sent }, FRAME_BYTES_MAX);
    this.recordCount = 0;
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

// ----------------------------------------------------------------------------------------- Time

/** A difference between two clocks that is taken for a suspended machine, and not for rounding. */
const SUSPENSION_MILLISECONDS_MIN = 2000;

/**
 * The clocks of a client. Wall time can be wrong, and is put right now and then. The monotonic clock
 * never is, but stands still on Linux while the machine is suspended.
 */
class Clock {
  #monotonic;
  #uptime;
  #suspended = 0;
  #wallBefore;
  #monotonicBefore;
  #uptimeAhead;

  constructor({
    now = Date.now, monotonic = () => performance.now(), uptime: up = uptime, after = afterTimeout,
  } = {}) {
    /** Milliseconds since 1970, by the wall clock. */
    this.now = now;
    /** Calls back after so many milliseconds; returns what takes the call back. */
    this.after = after;
    this.#monotonic = monotonic;
    this.#uptime = up;
    this.start = Math.floor(now());
    this.#wallBefore = this.start;
    this.startedAt = monotonic();
    this.#monotonicBefore = this.startedAt;
    this.#uptimeAhead = up() * 1000 - this.startedAt;
  }

  /** Milliseconds of no particular beginning, for intervals within the process. */
  monotonic() {
    return this.#monotonic();
  }

  /**
   * Whole milliseconds since the client was made, with those in which the machine was suspended. Where
   * the wall clock has moved ahead of the monotonic one, the time since the machine's start tells
   * whether it was a suspension, or the clock was put right; the lesser of the two differences counts.
   */
  elapsed() {
    const wall = this.now();
    const monotonic = this.#monotonic();
    const jump = wall - this.#wallBefore - (monotonic - this.#monotonicBefore);
    this.#wallBefore = wall;
    this.#monotonicBefore = monotonic;
    if (jump >= SUSPENSION_MILLISECONDS_MIN) {
      const ahead = this.#uptime() * 1000 - monotonic;
      const suspended = Math.min(jump, ahead - this.#uptimeAhead);
      if (suspended >= SUSPENSION_MILLISECONDS_MIN) this.#suspended += suspended;
      this.#uptimeAhead = ahead;
    }
    return Math.max(0, Math.floor(monotonic - this.startedAt + this.#suspended));
  }
}

function afterTimeout(milliseconds, callback) {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
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

/**
 * One metric with one set of labels: the handle that records.
 *
 *            record                flush              remove          its repeats are over
 *     new -----------> is ready ----------> waits ------------> removed -------------> dormant
 *                         ^ record            |                    |                      |
 *                         +-------------------+--------------------+----------------------+
 */
class Series extends Sent {
  /** Whether it can be recorded in without asking the client. */
  ready = false;
  isRemoved = false;
  /** Whether it has left the client's list. */
  isDormant = false;
  exemplars = null;

  constructor(metric, labels, spread) {
    super(spread);
    this.metric = metric;
    this.labelPairs = labels;
    this.began = metric.client.clock.elapsed();
  }

  /** Makes it ready. Where that can't be, the sample is counted as lost by the client. */
  awake() {
    const { client } = this.metric;
    if (client.hasEnded) return client.recordedAfterClose(this.metric.name);
    if (this.isDormant && !client.revive(this)) return client.overflowed();
    this.isRemoved = false;
    this.changed = true;
    this.ready = true;
    return true;
  }

  /**
   * Sends it no more, once it has been told what was counted. A total goes on where it was when it is
   * recorded in again: what Weir has counted stays counted.
   */
  remove() {
    if (this.isRemoved || this.isDormant) return;
    this.isRemoved = true;
    this.ready = false;
  }

  isDue(flush, cycle) {
    this.ready = false;
    if (this.isRemoved && !this.changed && this.isSettled) {
      this.metric.client.retire(this);
      return false;
    }
    return super.isDue(flush, cycle);
  }

  /** Remembers `labels` as an example of what is counted in `place`, the latest of each place. */
  keepExemplar(place, value, labels) {
    try {
      const pairs = Object.entries(labels).map(([name, text]) => [name, String(text)]);
      const characters = pairs.flat().reduce((sum, text) => sum + [...text].length, 0);
      if (characters > EXEMPLAR_CHARACTERS_MAX) return this.metric.client.refuse();
      this.exemplars ??= new Map();
      this.exemplars.set(place, { labels: pairs, value, at: this.metric.client.clock.elapsed() });
    } catch {
      this.metric.client.refuse();
    }
  }

  /** The exemplars, each of which goes out once. */
  takeExemplars(age) {
    if (!this.exemplars) return undefined;
    const taken = [...this.exemplars.values()].map(({ labels, value, at }) => (
      { labels, value, age_ms: Math.max(0, age - at) }));
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
    if (!this.ready && !this.awake()) return;
    this.total += amount;
    if (exemplar !== undefined) this.keepExemplar(0, amount, exemplar);
  }

  /** Takes a total that is kept elsewhere, such as the kernel's of a process; it never falls. */
  setTotal(total) {
    if (typeof total !== 'number' || !(total >= this.total && total < Infinity)) {
      return this.metric.client.refuse();
    }
    if (total === this.total) return;
    if (!this.ready && !this.awake()) return;
    this.total = total;
  }

  /** Calls `work` and counts what it throws or rejects with, or what of that is a `Type`. */
  countExceptions(work, Type = undefined) {
    return during(work, (isError, error) => {
      if (isError && (Type === undefined || error instanceof Type)) this.inc();
    });
  }

  record({ age }) {
    return {
      type: 'counter', name: this.metric.name, labels: this.labelPairs, value: this.total,
      exemplars: this.takeExemplars(age), began_ms: this.began,
    };
  }
}

class GaugeSeries extends Series {
  // Nothing to send before the first value is set.
  changed = false;
  value = NaN;
  /** When it was set, by the wall clock; null once `heldSince` says it. */
  #setAt = null;
  /** When it was set, by the client's age. */
  #heldSince = 0;

  set(value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.metric.client.refuse();
    // What reads a value before each flush has not set it where it is still the same.
    if (value === this.value && this.metric.client.isCollecting) return;
    this.#current()?.#take(value);
  }

  inc(amount = 1) {
    if (typeof amount !== 'number') return this.metric.client.refuse();
    const series = this.#current();
    if (!series) return;
    const value = (Number.isNaN(series.value) ? 0 : series.value) + amount;
    if (!Number.isFinite(value)) return this.metric.client.refuse();
    series.#take(value);
  }

  dec(amount = 1) {
    if (typeof amount !== 'number') return this.metric.client.refuse();
    this.inc(-amount);
  }

  /** Sets it to the seconds since 1970. */
  setToCurrentTime() {
    this.set(this.metric.client.clock.now() / 1000);
  }

  /** Calls `read` before each flush, and takes what it returns; null ends that. */
  setFunction(read) {
    if (read !== null && typeof read !== 'function') {
      throw new TypeError(`${this.metric.name}: setFunction takes a function, or null.`);
    }
    const series = this.#current({ isRecording: false });
    if (series) this.metric.client.setReader(series, read);
  }

  /** Starts to measure; the function that it returns sets the seconds since, and returns them. */
  startTimer() {
    return timer((more) => this.metric.labelsWith(this, more), setSeconds);
  }

  /** Calls `work`; until it has ended, or its promise is settled, the gauge is one higher. */
  trackInProgress(work) {
    this.inc();
    return during(work, () => this.dec());
  }

  /** Takes the gauge away, until it is set again. */
  remove() {
    this.metric.client.setReader(this, null);
    if (Number.isNaN(this.value)) return;
    super.remove();
    this.value = NaN;
    this.changed = true;
  }

  /** Itself, or what took its place under its labels after it was removed; null where it has none. */
  #current({ isRecording = true } = {}) {
    if (this.ready) return this;
    const { metric } = this;
    if (this.isDormant && !metric.client.hasEnded) {
      const other = metric.restore(this);
      if (other !== this) return other.#current({ isRecording });
    }
    if (!isRecording) return this;
    return this.awake() ? this : null;
  }

  #take(value) {
    this.value = value;
    this.#setAt = this.metric.client.clock.now();
  }

  record({ age, wall, ageBefore }) {
    const { name, merge } = this.metric;
    const record = { type: 'gauge', name, labels: this.labelPairs, merge, value: this.value };
    if (Number.isNaN(this.value)) return record;
    if (this.#setAt !== null) {
      // Between the last flush and this one, wherever the wall clock was put meanwhile.
      const since = Math.floor(age - (wall - this.#setAt));
      this.#heldSince = Math.min(Math.max(since, ageBefore), age);
      this.#setAt = null;
    }
    return { ...record, held_ms: age - this.#heldSince };
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
    if (!this.ready && !this.awake()) return;
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
    if (exemplar !== undefined) this.keepExemplar(bucket, value, exemplar);
  }

  /** Starts to measure; the function that it returns observes the seconds since, and returns them. */
  startTimer() {
    return timer((more) => this.metric.labelsWith(this, more), observeSeconds);
  }

  record({ age }) {
    const buckets = [];
    this.buckets.forEach((count, index) => {
      if (count > 0) buckets.push([index, count]);
    });
    const { name, bounds } = this.metric;
    return {
      type: 'histogram', name, labels: this.labelPairs, bounds, sum: this.sum, buckets,
      exemplars: this.takeExemplars(age), began_ms: this.began,
    };
  }
}

/**
 * Starts to measure. The function that it returns records the seconds since then and returns them; it
 * takes labels that are known at the end only, and `find` has the series for them.
 */
function timer(find, record) {
  const start = performance.now();
  return (endLabels, exemplar) => {
    const seconds = (performance.now() - start) / 1000;
    record(find(isLabels(endLabels) ? endLabels : null), seconds, exemplar);
    return seconds;
  };
}

function setSeconds(series, seconds) {
  series.set(seconds);
}

function observeSeconds(series, seconds, exemplar) {
  series.observe(seconds, exemplar);
}

/** Calls `work`, and `done(isError, error)` when it has ended, or when its promise is settled. */
function during(work, done) {
  let result;
  try {
    result = work();
  } catch (error) {
    done(true, error);
    throw error;
  }
  if (typeof result?.then !== 'function') {
    done(false);
    return result;
  }
  return Promise.resolve(result).then((value) => {
    done(false);
    return value;
  }, (error) => {
    done(true, error);
    throw error;
  });
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
  setToCurrentTime() { this.#client.overflowed(); }
  setFunction() { this.#client.overflowed(); }
  remove() {}
  setTotal() { this.#client.overflowed(); }
  observe() { this.#client.overflowed(); }

  trackInProgress(work) {
    this.#client.overflowed();
    return work();
  }

  countExceptions(work, Type = undefined) {
    return CounterSeries.prototype.countExceptions.call(this, work, Type);
  }

  startTimer() {
    return timer(() => this, () => this.#client.overflowed());
  }
}

// -------------------------------------------------------------------------------------- Metrics

/** What the options of other libraries are called here. */
const OTHER_WORDS = {
  buckets: 'bounds', aggregator: 'merge', labels: 'labelNames', label_names: 'labelNames',
  labelnames: 'labelNames', defaultLabels: 'labels', host: 'address', interval: 'flushInterval',
};

/** Throws where there is an option that is not known: what is misspelt must not pass for a default. */
function checkOptions(what, options, known) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${what}: the options must be an object, such as { ${known[0]}: … }.`);
  }
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue;
    const word = OTHER_WORDS[option];
    const remedy = known.includes(word) ? `write ${word}` : `known are ${known.join(', ')}`;
    throw new TypeError(`${what}: there is no option "${option}"; ${remedy}.`);
  }
}

const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A name and its series by their labels. */
class Metric {
  static options = ['help', 'unit', 'labelNames', 'collect'];

  #Series;
  #series = new Map();
  /** The same series by labels as they were written, in whatever order. */
  #asWritten = new Map();
  #plain = null;

  constructor(client, name, options, SeriesClass) {
    this.client = client;
    this.name = name;
    this.help = optionalText(name, 'help', options.help);
    this.unit = optionalText(name, 'unit', options.unit);
    this.labelNames = this.checkedLabelNames(options.labelNames);
    this.#Series = SeriesClass;
  }

  checkedLabelNames(names) {
    if (names === undefined) return null;
    if (!Array.isArray(names)) {
      throw new TypeError(`${this.name}: labelNames must be an array, such as ['provider'].`);
    }
    for (const name of names) {
      if (typeof name === 'string' && LABEL_NAME.test(name)) continue;
      throw new TypeError(
        `${this.name}: "${String(name)}" is no label's name; write letters, digits and _, no digit `
        + 'first and no __ first.');
    }
    return Object.freeze([...new Set(names)]);
  }

  /** What keeps a second definition from meaning the same metric; null where nothing does. */
  difference({ unit, labelNames }) {
    const sorted = (names) => String([...(names ?? [])].sort());
    if (labelNames !== undefined && sorted(labelNames) !== sorted(this.labelNames)) {
      return this.labelNames ? `labelNames ${this.labelNames.join(', ')}` : 'no labelNames';
    }
    if (unit && this.unit && unit !== this.unit) return `unit "${this.unit}"`;
    return null;
  }

  /** The series of these labels, to be kept where it is recorded in often. */
  labels(labels, ...more) {
    if (labels === undefined || labels === null) return this.plain();
    if (typeof labels !== 'object') labels = this.#named([labels, ...more]);
    let key = '';
    try {
      for (const name in labels) {
        const value = labels[name];
        const text = typeof value === 'string' ? value : labelText(value);
        // With their lengths, so that no text can pass for the end of another.
        key += `${name.length},${text.length},${name}${text}`;
      }
    } catch {
      // A label that can't be read, such as an object whose toString throws.
      this.client.refuse();
      return this.client.lost;
    }
    return this.#asWritten.get(key) ?? this.#find(labels, key);
  }

  /** The series without labels but the common ones. */
  plain() {
    if (this.#plain) return this.#plain;
    const series = this.#find({}, '');
    if (series !== this.client.lost) this.#plain = series;
    return series;
  }

  /** The series whose labels are those of `series`, and `more` where there are more. */
  labelsWith(series, more) {
    if (!more) return series;
    return this.labels({ ...Object.fromEntries(series.labelPairs), ...more });
  }

  /** A timer whose series is found at its end, with the labels that are known then. */
  timerOf(labels, record) {
    const known = { ...labels };
    this.#checkNames(known);
    return timer((more) => this.labels({ ...known, ...more }), record);
  }

  /** Removes the series of these labels, where there is one. */
  remove(labels, ...more) {
    if (labels !== undefined && typeof labels !== 'object') labels = this.#named([labels, ...more]);
    this.#checkNames(labels ?? {});
    try {
      const pairs = labelPairs(labels ?? {}, this.client.commonLabels);
      this.#series.get(JSON.stringify(pairs))?.remove();
    } catch {
      this.client.refuse();
    }
  }

  /** Removes all series. */
  clear() {
    for (const series of this.#series.values()) series.remove();
  }

  /** The same, by the name that it has elsewhere. */
  reset() {
    this.clear();
  }

  /** Gives a removed series its place again; returns the series that has it by now. */
  restore(series) {
    const identity = JSON.stringify(series.labelPairs);
    const other = this.#series.get(identity);
    if (other) return other;
    this.#series.set(identity, series);
    return series;
  }

  /** Lets go of a series that has nothing to remember. */
  forget(series) {
    this.#series.delete(JSON.stringify(series.labelPairs));
    if (this.#plain === series) this.#plain = null;
  }

  /** The values of labels, by `labelNames`. */
  #named(values) {
    const names = this.labelNames ?? [];
    if (values.length !== names.length) {
      const expected = names.length > 0 ? `the values of ${names.join(', ')}` : 'labelNames first';
      throw new TypeError(
        `${this.name}: ${values.length} label values; write { name: value }, or ${expected}.`);
    }
    return Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }

  #checkNames(labels) {
    if (!this.labelNames) return;
    for (const name in labels) {
      if (this.labelNames.includes(name)) continue;
      const known = this.labelNames.join(', ') || 'none';
      throw new TypeError(`${this.name}: there is no label "${name}" in its labelNames: ${known}.`);
    }
  }

  #find(labels, key) {
    this.#checkNames(labels);
    let pairs;
    try {
      pairs = labelPairs(labels, this.client.commonLabels);
    } catch {
      this.client.refuse();
      return this.client.lost;
    }
    const identity = JSON.stringify(pairs);
    let series = this.#series.get(identity);
    if (!series) {
      if (!this.client.hasPlace(this.name, pairs)) return this.client.lost;
      series = this.client.keep(new this.#Series(this, pairs, this.client.nextSpread()));
      this.#series.set(identity, series);
    }
    if (this.#asWritten.size >= 2 * this.client.seriesMax) this.#asWritten.clear();
    this.#asWritten.set(key, series);
    return series;
  }
}

function optionalText(name, option, value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new TypeError(`${name}: ${option} must be a text.`);
  return value;
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

  countExceptions(labels, work, Type) {
    if (isLabels(labels)) return this.labels(labels).countExceptions(work, Type);
    return this.plain().countExceptions(labels, work);
  }
}

class Gauge extends Metric {
  static options = [...Metric.options, 'merge'];

  type = 'gauge';

  constructor(client, name, options) {
    super(client, name, options, GaugeSeries);
    this.merge = options.merge ?? 'last';
    if (!Object.hasOwn(MERGES, this.merge)) {
      const known = Object.keys(MERGES).join(', ');
      throw new TypeError(`${name}: merge "${this.merge}" is not known; write one of ${known}.`);
    }
  }

  difference(options) {
    if ((options.merge ?? 'last') !== this.merge) return `merge "${this.merge}"`;
    return super.difference(options);
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

  setToCurrentTime(labels) {
    this.labels(labels).setToCurrentTime();
  }

  setFunction(labels, read) {
    if (isLabels(labels)) this.labels(labels).setFunction(read);
    else this.plain().setFunction(labels);
  }

  startTimer(labels) {
    return this.timerOf(labels, setSeconds);
  }

  trackInProgress(labels, work) {
    if (isLabels(labels)) return this.labels(labels).trackInProgress(work);
    return this.plain().trackInProgress(labels);
  }
}

/** Bounds of one histogram that a frame can carry. */
const BOUNDS_MAX = 200;

class Histogram extends Metric {
  static options = [...Metric.options, 'bounds'];

  type = 'histogram';

  constructor(client, name, options) {
    super(client, name, options, HistogramSeries);
    this.bounds = histogramBounds(name, options.bounds);
    if (this.labelNames?.includes('le')) {
      throw new TypeError(`${name}: the label le is that of its buckets; choose another name.`);
    }
  }

  difference(options) {
    const bounds = histogramBounds(this.name, options.bounds);
    if (String(bounds) !== String(this.bounds)) {
      return `bounds ${(this.bounds ?? defaultBounds).join(', ')}`;
    }
    return super.difference(options);
  }

  observe(labels, value, exemplar) {
    if (isLabels(labels)) this.labels(labels).observe(value, exemplar);
    else this.plain().observe(labels, value);
  }

  startTimer(labels) {
    return this.timerOf(labels, observeSeconds);
  }
}

/** The bounds of a histogram as they are sent: null for Weir's own. */
function histogramBounds(name, bounds) {
  if (bounds === undefined || bounds === null) return null;
  const own = typeof bounds[Symbol.iterator] === 'function'
    ? [...bounds].filter((bound) => bound !== Infinity) : [NaN];
  const isAscending = own.every(
    (bound, index) => Number.isFinite(bound) && (index === 0 || bound > own[index - 1]));
  if (!isAscending || own.length > BOUNDS_MAX) {
    throw new RangeError(
      `${name}: bounds must be finite and ascending, and ${BOUNDS_MAX} at most; write for example `
      + '[0.1, 1, 10].');
  }
  return own.join() === defaultBounds.join() ? null : Object.freeze(own);
}

/** `count` upper bounds from `start` on, each `width` above the one before. */
export function linearBounds(start, width, count) {
  checkBounds('linearBounds(start, width, count)', count, Number.isFinite(start) && width > 0);
  return Array.from({ length: count }, (_, index) => rounded(start + width * index));
}

/** `count` upper bounds from `start` on, each `factor` times the one before. */
export function exponentialBounds(start, factor, count) {
  checkBounds('exponentialBounds(start, factor, count)', count, start > 0 && factor > 1);
  return Array.from({ length: count }, (_, index) => rounded(start * factor ** index));
}

function checkBounds(call, count, isAscending) {
  if (isAscending && Number.isInteger(count) && count >= 1 && count <= BOUNDS_MAX) return;
  throw new RangeError(
    `${call}: the bounds must ascend, and be 1 to ${BOUNDS_MAX}; exponential ones begin above 0 and `
    + 'have a factor above 1.');
}

/** As a person would write it: 0.3 and not 0.30000000000000004. */
function rounded(bound) {
  return Number(bound.toPrecision(15));
}

function isLabels(value) {
  return typeof value === 'object' && value !== null;
}

// ------------------------------------------------------------------------------------ Ways out

/**
 * How often a socket is opened anew: a host's name is followed, and a new source port leaves behind what
 * routers remember of the old one.
 */
const RENEW_MILLISECONDS = 60_000;
/** How long it takes until a socket that could not be opened is tried again. */
const REOPEN_MILLISECONDS = 1000;
/** How long the end of the process may be held up by `exit`, where there is no socket to write to. */
const EXIT_MILLISECONDS = 1000;

/** Frames as datagrams. Whether they arrive is not known, but by answers. */
class DatagramWay {
  frameBytesMax = DATAGRAM_BYTES;
  answersComeBySocket = true;
  /** What is called with each datagram that comes back. */
  onAnswer = () => {};
  #host;
  #port;
  #lookup;
  #clock;
  #onError;
  /** The address that was found last, and its family. */
  #found = null;
  #socket = null;
  #finding = null;
  #triedAt = -Infinity;
  #isClosed = false;

  constructor(address, { clock, lookup = (host) => dns.lookup(host), onError }) {
    ({ host: this.#host, port: this.#port } = hostAndPort(address));
    this.#lookup = lookup;
    this.#clock = clock;
    this.#onError = onError;
    this.#renew();
  }

  async send(frames) {
    const finding = this.#renew();
    // A name that takes long to find stops nothing while there is a socket.
    if (!this.#socket) await finding;
    const socket = this.#socket;
    if (socket) await Promise.all(frames.map((frame) => this.#hand(socket, frame)));
    return 'unknown';
  }

  /** Hands the frames to the kernel before it returns: for `exit`. */
  sendNow(frames) {
    try {
      if (!this.#socket) return this.#sendFromThread(frames);
      for (const frame of frames) this.#socket.send(frame, () => {});
    } catch (error) {
      this.#onError(error);
    }
  }

  close() {
    this.#isClosed = true;
    this.#socket?.close();
    this.#socket = null;
  }

  #hand(socket, frame, isSecondTry = false) {
    return new Promise((resolve) => {
      socket.send(frame, (error) => {
        if (!error) return resolve();
        this.#onError(error);
        // That is about an earlier datagram: the kernel says so in place of sending this one.
        const isOld = error.code === 'ECONNREFUSED' && !isSecondTry && socket === this.#socket;
        resolve(isOld ? this.#hand(socket, frame, true) : undefined);
      });
    });
  }

  /** Opens a socket, or another one where it is time. Returns what to wait for, if anything. */
  #renew() {
    const wait = this.#socket ? RENEW_MILLISECONDS : REOPEN_MILLISECONDS;
    const now = this.#clock.monotonic();
    if (this.#finding || this.#isClosed || now - this.#triedAt < wait) return this.#finding;
    this.#triedAt = now;
    const family = isIP(this.#host);
    if (family) this.#open({ address: this.#host, family });
    else this.#finding = this.#find().finally(() => { this.#finding = null; });
    return this.#finding;
  }

  /** Never fails: without a socket nothing is sent, and it is tried again later. */
  async #find() {
    try {
      this.#found = await this.#lookup(this.#host);
    } catch (error) {
      this.#onError(error);
    }
    if (this.#found && !this.#isClosed) this.#open(this.#found);
  }

  /** Opens a socket at once, so that what is recorded in a process' first moments can be sent. */
  #open({ address, family }) {
    let socket;
    try {
      socket = dgram.createSocket({
        type: family === 6 ? 'udp6' : 'udp4',
        // Of addresses only, and without waiting for a turn of the event loop as Node does.
        lookup: (host, ...rest) => rest.at(-1)(null, host, family),
      });
      socket.on('error', this.#onError);
      socket.on('message', (bytes) => this.onAnswer(bytes));
      socket.unref();
      socket.connect(this.#port, address, (error) => {
        if (error) this.#onError(error);
      });
      // Throws where it is not connected; why is told to the function above.
      socket.remoteAddress();
    } catch (error) {
      if (error.code !== 'ERR_SOCKET_DGRAM_NOT_CONNECTED') this.#onError(error);
      return socket?.close();
    }
    this.#socket?.close();
    this.#socket = socket;
  }

  /** In the first moments of a process whose server's name is not found yet. */
  #sendFromThread(frames) {
    runThread(`
      require('node:dns').lookup(data.host, (error, address, family) => {
        if (error) return done(error);
        const socket = require('node:dgram').createSocket(family === 6 ? 'udp6' : 'udp4');
        socket.on('error', done);
        let left = data.frames.length;
        for (const frame of data.frames) {
          socket.send(frame, data.port, address, (error) => {
            left -= 1;
            if (error || left === 0) done(error);
          });
        }
      });`, { host: this.#host, port: this.#port, frames });
  }
}

/**
 * Runs `source` in a thread until it calls `done`, and holds up this one meanwhile: for `exit`, after
 * which Node waits for nothing. Throws the error that `done` was called with.
 */
function runThread(source, data) {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const message = new Uint8Array(new SharedArrayBuffer(1024));
  const worker = new Worker(`
    const { data, state, message } = require('node:worker_threads').workerData;
    const done = (error) => {
      if (error) message.set(Buffer.from(String(error.message)).subarray(0, message.length));
      Atomics.store(state, 0, 1);
      Atomics.notify(state, 0);
    };
    ${source}`, {
    eval: true, execArgv: [], stdout: true, stderr: true, workerData: { data, state, message },
  });
  worker.unref();
  const isInTime = Atomics.wait(state, 0, 0, EXIT_MILLISECONDS) !== 'timed-out';
  const text = Buffer.from(message).toString().replace(/\0+$/, '');
  if (!isInTime) throw new Error(`the last totals took more than ${EXIT_MILLISECONDS} ms to send`);
  if (text) throw new Error(text);
}

function hostAndPort(address) {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  if (port === undefined) {
    throw new TypeError(`address "${address}": write HOST:PORT or [IPV6]:PORT.`);
  }
  if (!(port >= 1 && port <= 65_535)) {
    throw new RangeError(`address "${address}": write a port from 1 to 65535.`);
  }
  return { host: bracketed ?? plain, port: Number(port) };
}

/** Bytes of one request's body that Weir takes. */
const BODY_BYTES_MAX = 1_048_576;
/** Over TCP frames may be larger, and share more strings; one that is refused should not be all. */
const HTTP_FRAME_BYTES = 16_384;
/** Characters of an answer that are kept for the operator. */
const ANSWER_CHARACTERS_MAX = 500;

const HTTP_HEADERS = { 'Content-Type': 'application/vnd.weir.push' };

/** Frames in the bodies of requests, for hosts that have no UDP. */
class RequestWay {
  frameBytesMax = HTTP_FRAME_BYTES;
  answersComeBySocket = false;
  #url;
  #module;
  #options;
  #timeout;
  #clock;
  #onError;
  #agent = null;
  #agentSince = -Infinity;
  #inFlight = 0;

  constructor(url, { timeout = 5000, ca, clock, onError }) {
    try {
      this.#url = new URL(url);
    } catch {
      throw new TypeError(`url "${url}": write http://HOST:PORT/api/v1/push, the port up to 65535.`);
    }
    if (!['http:', 'https:'].includes(this.#url.protocol)) {
      throw new TypeError(`url: "${this.#url.protocol}" is not known; write http: or https:.`);
    }
    this.#module = this.#url.protocol === 'https:' ? https : http;
    this.#options = { method: 'POST', ca };
    this.#clock = clock;
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

  /** Posts the frames before it returns: for `exit`. */
  sendNow(frames) {
    try {
      runThread(`
        const bodies = data.bodies.map((body) => Buffer.from(body));
        const next = () => {
          const body = bodies.shift();
          if (!body) return done();
          const headers = { ...data.headers, 'Content-Length': body.length };
          const { request } = require(data.url.startsWith('https:') ? 'node:https' : 'node:http');
          const posting = request(data.url, { ...data.options, headers }, (response) => {
            const { statusCode } = response.resume();
            if (statusCode < 200 || statusCode > 299) {
              return done(new Error(data.url + ' answered ' + statusCode));
            }
            response.on('end', next);
          });
          posting.on('error', done);
          posting.end(body);
        };
        next();`, {
        bodies: [...bodies(frames)], headers: HTTP_HEADERS, options: this.#options,
        url: this.#url.href,
      });
    } catch (error) {
      this.#onError(error);
    }
  }

  close() {
    this.#agent?.destroy();
  }

  /** The connection, which is another one after a while, as the sockets of datagrams are. */
  #connection() {
    const isOld = this.#clock.monotonic() - this.#agentSince >= RENEW_MILLISECONDS;
    if (isOld && this.#inFlight === 0) {
      this.#agent?.destroy();
      this.#agent = new this.#module.Agent({ keepAlive: true, maxSockets: 1 });
      this.#agentSince = this.#clock.monotonic();
    }
    return this.#agent;
  }

  async #post(body, holdsProcess, timeout) {
    const agent = this.#connection();
    this.#inFlight += 1;
    try {
      return await this.#exchange(agent, body, holdsProcess, timeout);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #exchange(agent, body, holdsProcess, timeout) {
    return new Promise((resolve, reject) => {
      const headers = { ...HTTP_HEADERS, 'Content-Length': body.length };
      const options = { ...this.#options, agent, headers };
      const request = this.#module.request(this.#url, options, (response) => {
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
/** Names of Weir's own metrics, and of its clients' own. */
const RESERVED_PREFIXES = ['weir_', 'push_client_'];
const REGISTRY = Symbol.for('weir.client');
const OVERFLOW = [
  'push_client_series_overflow_total', 'Samples of clients that found no place for their series.',
];
const AFTER_CLOSE = [
  'push_client_samples_after_close_total', 'Samples recorded after close, which are not sent.',
];
const CLIENT_OPTIONS = [
  'address', 'url', 'ca', 'timeout', 'labels', 'instance', 'key', 'flushInterval', 'seriesMax',
  'frameBytesMax', 'processMetrics', 'defaultMetrics', 'perProcessCpu', 'signals', 'onError',
  'lookup', 'clock', 'transport',
];

export class Client {
  /** What happened, for whoever wants to look: see weir.d.mts. */
  stats = {
    flushes: 0, framesSent: 0, bytesSent: 0, errors: 0, lastError: null, valuesRefused: 0,
    samplesOverflowed: 0, samplesAfterClose: 0,
  };
  /** What recordings go to that found no place. */
  lost = new LostSeries(this);
  instanceID = randomBytes(8);
  #options;
  #way;
  #key;
  /** Whether the last totals have been taken: what is recorded after that is not sent. */
  hasEnded = false;
  /** Whether values are being read for a flush, rather than recorded. */
  isCollecting = false;
  #sequence = 0;
  #flush = 0;
  #cycle;
  #lastSentAt = -Infinity;
  /** The instance's age at the last flush. */
  #ageBefore = 0;
  #metrics = new Map();
  #metas = [];
  /** Those that are sent; removed ones leave it. */
  #series = [];
  #seriesMade = 0;
  #dormantTotals = 0;
  /** Counters of the client's own, by name. */
  #own = new Map();
  #collectors = [];
  /** Functions that gauges are read from. */
  #readers = new Map();
  #builder = new FrameBuilder();
  #queue = Promise.resolve();
  #isFlushing = false;
  #timer = null;
  #closing = null;
  /** The last frames that are not answered yet, by their sequence. */
  #unanswered = null;
  #processEvents = [];

  constructor(options = {}) {
    checkClientOptions(options);
    const signals = signalNames(options.signals);
    const { flushInterval = 1000, seriesMax = 10_000 } = options;
    this.#options = { ...options, flushInterval };
    this.seriesMax = seriesMax;
    this.#key = signingKey(options.key);
    this.commonLabels = new Map(labelPairs(options.labels ?? {}, new Map()));
    this.instance = options.instance ?? `${hostname()}:${process.pid}`;
    this.clock = new Clock(options.clock);
    this.#cycle = Math.min(
      REPEAT_FLUSHES_MAX, Math.floor(REPEAT_MILLISECONDS / (flushInterval || 10_000)));
    this.#way = options.transport ?? this.#openWay(options);
    if (options.processMetrics ?? true) measureProcess(this, options);
    if (flushInterval) this.#schedule();
    this.#watchProcess(signals);
  }

  counter(name, options = {}) { return this.#metric(Counter, name, options); }
  gauge(name, options = {}) { return this.#metric(Gauge, name, options); }
  histogram(name, options = {}) { return this.#metric(Histogram, name, options); }

  /** Calls `read` before each flush, to set what is read rather than counted. */
  collect(read) {
    if (typeof read !== 'function') throw new TypeError('collect takes a function.');
    this.#collectors.push(read);
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
    return this.#series.filter((series) => isSet(series) && !series.isRemoved).map((series) => {
      const { type, name } = series.metric;
      const labels = Object.fromEntries([...this.commonLabels, ...series.labelPairs]);
      if (type !== 'histogram') return { type, name, labels, value: series.total ?? series.value };
      const { sum, count, upper, buckets } = series;
      return { type, name, labels, sum, count, bounds: [...upper], buckets: [...buckets] };
    });
  }

  // What metrics and series need of their client.

  /** A number for each series: it spreads what is sent once in a cycle over the cycle's flushes. */
  nextSpread() {
    this.#seriesMade += 1;
    return this.#seriesMade - 1;
  }

  hasPlace(name, pairs) {
    if (!this.#hasRoom(this.#dormantTotals) || pairs.length > SERIES_LABELS_MAX) return false;
    return Buffer.byteLength(name + pairs.flat().join('')) <= SERIES_BYTES_MAX;
  }

  keep(series) {
    this.#series.push(series);
    return series;
  }

  /** Takes a removed series off the list. A total is remembered, for as many as there may be series. */
  retire(series) {
    series.isDormant = true;
    if (series instanceof GaugeSeries) series.metric.forget(series);
    else this.#dormantTotals += 1;
  }

  /** Puts it on the list again; false where there is no room. */
  revive(series) {
    const dormantTotals = this.#dormantTotals - (series instanceof GaugeSeries ? 0 : 1);
    if (!this.#hasRoom(dormantTotals)) return false;
    this.#dormantTotals = dormantTotals;
    series.isDormant = false;
    this.keep(series);
    return true;
  }

  /** Beyond as many as there may be series, removed totals take room like others. */
  #hasRoom(dormantTotals) {
    const remembered = Math.max(0, dormantTotals - this.seriesMax);
    return this.#series.length - this.#own.size + remembered < this.seriesMax;
  }

  setReader(series, read) {
    if (read) this.#readers.set(series, read);
    else this.#readers.delete(series);
  }

  /** Counts a value that can't be meant. */
  refuse() {
    this.stats.valuesRefused += 1;
  }

  /** Counts a sample whose series found no place. */
  overflowed() {
    if (this.hasEnded) return this.recordedAfterClose('a metric');
    this.stats.samplesOverflowed += 1;
    this.#count(OVERFLOW, 1);
  }

  /** Counts a sample that comes too late to be sent, for the next client of the process to tell. */
  recordedAfterClose(name) {
    this.stats.samplesAfterClose += 1;
    shared().afterClose = (shared().afterClose ?? 0) + 1;
    if (this.stats.samplesAfterClose > 1) return;
    this.#failed(new Error(`${name} was recorded after close; such samples are counted and not sent.`));
  }

  /** Adds to a counter of the client's own, which finds a place where others do not. */
  #count([name, help], amount) {
    let series = this.#own.get(name);
    if (!series) {
      const counter = new Counter(this, name, { help });
      this.#metas.push(new Meta(counter, 0));
      series = this.keep(new CounterSeries(counter, [], 0));
      this.#own.set(name, series);
    }
    series.inc(amount);
  }

  #metric(Class, name, options) {
    if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
      const text = typeof name === 'string' ? name : typeof name;
      throw new TypeError(`"${text}" is no metric's name; write letters, digits, _ and :.`);
    }
    const reserved = RESERVED_PREFIXES.find((prefix) => name.startsWith(prefix));
    if (reserved) {
      throw new TypeError(`${name}: names that begin with ${reserved} are Weir's own; choose another name.`);
    }
    checkOptions(name, options, Class.options);
    if (options.collect !== undefined && typeof options.collect !== 'function') {
      throw new TypeError(`${name}: collect must be a function.`);
    }
    let metric = this.#metrics.get(name);
    if (metric) {
      if (!(metric instanceof Class)) {
        throw new TypeError(
          `${name} is defined already, as a ${metric.type}; give this one another name.`);
      }
      const difference = metric.difference(options);
      if (difference) {
        throw new TypeError(
          `${name} is defined already, with ${difference}; write the same, or give this one another name.`);
      }
    } else {
      metric = new Class(this, name, options);
      this.#metrics.set(name, metric);
    }
    if (options.collect) metric.collect = options.collect;
    this.#describe(metric, options);
    return metric;
  }

  /** Tells Weir of unit and help, which may come with a later definition. */
  #describe(metric, { help, unit }) {
    metric.help ??= optionalText(metric.name, 'help', help);
    metric.unit ??= optionalText(metric.name, 'unit', unit);
    if (!metric.help && !metric.unit) return;
    const known = this.#metas.find((meta) => meta.metric === metric);
    if (!known) this.#metas.push(new Meta(metric, this.#metas.length));
  }

  #openWay(options) {
    const given = {
      ...options, clock: this.clock, onError: (error) => this.#failed(error),
    };
    if (options.url !== undefined) return new RequestWay(options.url, given);
    return new DatagramWay(options.address ?? '127.0.0.1:8125', given);
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
    if (this.#series.some((series) => series.isDormant)) {
      this.#series = this.#series.filter((series) => !series.isDormant);
    }
    const next = this.clock.monotonic() + 1.2 * this.#options.flushInterval;
    const isSilent = next - this.#lastSentAt >= HEARTBEAT_MILLISECONDS;
    const frames = sent.length > 0 || isSilent ? this.#frames(sent, {}) : [];
    return { frames, sent };
  }

  /** Reads what is read rather than counted. What a promise brings goes with the next flush. */
  #collect({ isLast = false } = {}) {
    const { afterClose } = shared();
    if (afterClose > 0) {
      shared().afterClose = 0;
      this.#count(AFTER_CLOSE, afterClose);
    }
    this.isCollecting = true;
    for (const read of this.#collectors) this.#read(() => read({ isLast }));
    for (const metric of this.#metrics.values()) {
      if (metric.collect) this.#read(() => metric.collect.call(metric, metric));
    }
    for (const [series, read] of this.#readers) {
      this.#read(() => {
        const value = read();
        series.set(value);
        return value;
      });
    }
    this.isCollecting = false;
  }

  #read(read) {
    try {
      read()?.then?.(undefined, (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #frames(sent, flags) {
    const frames = [];
    const limit = this.#options.frameBytesMax ?? this.#way.frameBytesMax;
    const age = this.clock.elapsed();
    const wall = this.clock.now();
    const time = { age, wall, ageBefore: this.#ageBefore };
    const builder = this.#builder;
    const begin = () => builder.begin({
      instance: this.instanceID, start: this.clock.start, sequence: this.#sequence + 1, age,
      key: this.#key, common: [...this.commonLabels], sent: Math.floor(wall), ...flags,
    });
    const end = () => {
      this.#sequence += 1;
      frames.push(builder.finish());
    };
    begin();
    for (const each of sent) {
      const record = each.record(time);
      if (builder.add(record, limit)) continue;
      if (builder.recordCount > 0) {
        end();
        begin();
      }
      // One that is too long for a frame of the usual size has one to itself.
      builder.add(record, FRAME_BYTES_MAX);
    }
    end();
    this.#ageBefore = age;
    this.#lastSentAt = this.clock.monotonic();
    this.stats.framesSent += frames.length;
    for (const frame of frames) this.stats.bytesSent += frame.length;
    return frames;
  }

  /** The frames with everything that outlives the instance: its gauges leave with it. */
  #lastFrames(flags) {
    this.#collect({ isLast: true });
    const metas = this.#metas.filter((meta) => meta.changed);
    const totals = this.#series.filter((series) => !(series instanceof GaugeSeries));
    const frames = this.#frames([...metas, ...totals], { final: true, ...flags });
    this.hasEnded = true;
    for (const series of this.#series) series.ready = false;
    const first = this.#sequence - frames.length + 1;
    this.#unanswered = new Map(frames.map((frame, index) => [first + index, frame]));
    return frames;
  }

  async #finish(timeout) {
    clearTimeout(this.#timer);
    const deadline = this.clock.monotonic() + timeout;
    await this.#settledBy(this.#queue, timeout);
    let isConfirmed = false;
    const confirming = async () => {
      try {
        this.#lastFrames({ confirm: this.#way.answersComeBySocket });
        isConfirmed = await this.#confirm(deadline);
      } catch (error) {
        this.#failed(error);
      }
    };
    // Finding the host of a name may take longer than there is patience.
    await this.#settledBy(confirming(), Math.max(1, deadline - this.clock.monotonic()));
    this.#leave();
    return isConfirmed;
  }

  /** Sends the last frames until each is answered, at growing intervals. */
  async #confirm(deadline) {
    const waiting = this.#unanswered;
    const instance = Buffer.from(this.instanceID).reverse().toString('hex');
    let allAnswered = () => {};
    this.#way.onAnswer = (bytes) => {
      const answer = decodeAnswer(bytes, { secret: this.#key?.secret });
      if (answer?.instance === instance) waiting.delete(answer.sequence);
      if (waiting.size === 0) allAnswered();
    };
    for (let delay = CONFIRM_MILLISECONDS; ; delay = Math.min(2 * delay, CONFIRM_MILLISECONDS_MAX)) {
      const timeout = Math.max(1, deadline - this.clock.monotonic());
      const outcome = await this.#way.send([...waiting.values()], { timeout });
      if (outcome === 'arrived' || waiting.size === 0) return true;
      const left = deadline - this.clock.monotonic();
      if (outcome === 'refused' || left <= 0) return false;
      const answered = new Promise((resolve) => { allAnswered = resolve; });
      await this.#settledBy(answered, Math.min(delay, left));
      if (waiting.size === 0) return true;
    }
  }

  /** Waits for `promise`, or so many milliseconds. */
  #settledBy(promise, milliseconds) {
    return new Promise((resolve) => {
      const cancel = this.clock.after(milliseconds, resolve);
      promise.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Ends as well as the end of the process leaves room for. */
  #watchProcess(signals) {
    const on = (event, listener) => {
      process.on(event, listener);
      this.#processEvents.push([event, listener]);
    };
    on('beforeExit', () => this.close());
    // There is time for one try; where `close` has begun, for what it has not heard of.
    on('exit', () => {
      try {
        if (!this.hasEnded) this.#lastFrames({ confirm: false });
        if (this.#unanswered.size > 0) this.#way.sendNow?.([...this.#unanswered.values()]);
      } catch (error) {
        this.#failed(error);
      }
    });
    for (const signal of signals) {
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
    this.stopMeasuring?.();
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

/** Throws where an option is not known, or can't be meant. */
function checkClientOptions(options) {
  checkOptions('createClient', options, CLIENT_OPTIONS);
  const check = (name, isRight, remedy) => {
    const value = options[name];
    if (value === undefined || isRight(value)) return;
    throw new RangeError(`${name} ${String(value)}: write ${remedy}.`);
  };
  const isBoolean = (value) => typeof value === 'boolean';
  const isWithin = (least, most) => (value) => (
    typeof value === 'number' && value >= least && value <= most);
  const isFunction = (value) => typeof value === 'function';
  check('flushInterval', (value) => value === 0 || isWithin(100, 10_000)(value),
    'milliseconds from 100 to 10000, or 0 to flush by hand');
  check('seriesMax', (value) => Number.isInteger(value) && value >= 1, 'a number of series from 1 on');
  check('frameBytesMax', isWithin(256, FRAME_BYTES_MAX),
    `bytes from 256 to ${FRAME_BYTES_MAX}`);
  check('timeout', isWithin(1, 600_000), 'milliseconds from 1 to 600000');
  check('instance', (value) => typeof value === 'string' && value !== '', 'a text that is not empty');
  check('labels', isLabels, "an object, such as { service: 'gateway' }");
  for (const name of ['processMetrics', 'defaultMetrics', 'perProcessCpu']) {
    check(name, isBoolean, 'true or false');
  }
  for (const name of ['onError', 'lookup']) check(name, isFunction, 'a function');
  if (options.url !== undefined && options.address !== undefined) {
    throw new TypeError('url and address: write one of them, since frames go one way.');
  }
  if (options.processMetrics === false && options.defaultMetrics) {
    throw new TypeError('defaultMetrics adds to processMetrics; leave out processMetrics: false.');
  }
}

/** Names of signals, from what the option `signals` says. */
function signalNames(signals = false) {
  if (typeof signals === 'boolean') return signals ? ['SIGTERM', 'SIGINT'] : [];
  const names = Array.isArray(signals) ? signals : [signals];
  for (const name of names) {
    if (Object.hasOwn(osConstants.signals, name)) continue;
    throw new TypeError(`signals: "${String(name)}" is no signal; write true, or ['SIGTERM', 'SIGINT'].`);
  }
  return names;
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
  globalThis[REGISTRY] ??= { client: null, measured: null, afterClose: 0 };
  return globalThis[REGISTRY];
}

// ---------------------------------------------------------------------------- Its own process

/** How often the process is measured. Prometheus asks no more often than that. */
const MEASURE_MILLISECONDS = 5000;
const LAG_RESOLUTION_MILLISECONDS = 20;
/** That of prom-client, whose lags are those between two ticks of a timer, as Node measures them. */
const DEFAULT_LAG_RESOLUTION_MILLISECONDS = 10;

/** Tells of the process, once however many clients it has: totals of two would be added up. */
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

/** A gauge of a process: there is one for each, by its instance. */
function processGauge(client, own, name, help, unit) {
  return client.gauge(name, { help, unit }).labels(own);
}

function memoryMeasure(client, own, { hasVirtual }) {
  const gauge = (...rest) => processGauge(client, own, ...rest);
  const resident = gauge('process_resident_memory_bytes', 'Resident memory size.', 'bytes');
  const uptimeSeconds = gauge('process_uptime_seconds', 'Time since the process started.', 'seconds');
  // prom-client means the kernel's data segment by it, and has others for the JavaScript heap.
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
 * Processor time. Without `instance` the totals of all processes add up to one series, so that a process
 * which ends leaves none of its own behind.
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
    // The delays are between two ticks of a timer, which are that far apart on an idle loop.
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

/** What prom-client's collectDefaultMetrics shows beside that, by its names. */
function defaultMeasures(client, own, totals) {
  return [
    lagsMeasure(client, own), heapMeasure(client, own), activityMeasure(client, own),
    descriptorsMeasure(client, own), collectionsMeasure(client, totals),
    processorSumMeasure(client, totals),
  ].filter(Boolean);
}

/** How long the event loop takes, as Node measures it between two ticks of a timer. */
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
    // Before the first tick there is nothing to tell.
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
    `nodejs_heap_space_size_${part}_bytes`, { help: `Bytes ${part} of a heap space.`, unit: 'bytes' }));
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

/** What keeps the event loop busy: resources, handles and requests, by type and together. */
function activityMeasure(client, own) {
  const typeOf = (object) => object?.constructor?.name;
  const kinds = [
    ['resources', () => process.getActiveResourcesInfo?.()],
    ['handles', () => process._getActiveHandles?.().map(typeOf)],
    ['requests', () => process._getActiveRequests?.().map(typeOf)],
  ].filter(([, types]) => types()).map(([kind, types]) => ({
    types,
    told: new Map(),
    byType: client.gauge(`nodejs_active_${kind}`, { help: `Active ${kind} by type.` }),
    total: processGauge(client, own, `nodejs_active_${kind}_total`, `Active ${kind}.`),
  }));
  const read = () => {
    for (const kind of kinds) {
      const names = kind.types();
      kind.total.set(names.length);
      const counts = new Map();
      for (const type of names) counts.set(type, (counts.get(type) ?? 0) + 1);
      for (const type of kind.told.keys()) {
        if (!counts.has(type)) kind.byType.remove({ ...own, type });
      }
      for (const [type, count] of counts) {
        if (type) kind.byType.set({ ...own, type }, count);
      }
      kind.told = counts;
    }
  };
  return { read };
}

function descriptorsMeasure(client, own) {
  const gauge = (...rest) => processGauge(client, own, ...rest);
  const start = gauge('process_start_time_seconds', 'When the process started, since 1970.', 'seconds');
  start.set(Math.round(client.clock.now() / 1000 - process.uptime()));
  if (process.platform !== 'linux') return null;
  const open = gauge('process_open_fds', 'Open file descriptors.');
  const most = /^Max open files\s+(\d+)/m.exec(procFile('limits'))?.[1];
  if (most) gauge('process_max_fds', 'Most file descriptors that may be open.').set(Number(most));
  const read = () => {
    try {
      // Without the one that reads them.
      open.set(readdirSync('/proc/self/fd').length - 1);
    } catch {
      // None is free, or there is no /proc.
    }
  };
  return { read };
}

/** How long garbage collections take, by their kind. */
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

/** Weir has a metric of that name itself, without labels: it takes it from others with labels only. */
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

/** A file of the kernel's about the process; empty where there is none. */
function procFile(name) {
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return '';
  }
}
