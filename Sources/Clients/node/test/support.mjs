// What the tests share: the client under test, a reader of frames that is independent of the client's
// writer, and a server that reads datagrams with it.

import { once } from 'node:events';
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import { pathToFileURL } from 'node:url';

const { WEIR_CLIENT } = process.env;
/** The client under test: the package, or the one-file build that the variable WEIR_CLIENT names. */
export const clientURL = WEIR_CLIENT
  ? pathToFileURL(WEIR_CLIENT).href : new URL('../index.mjs', import.meta.url).href;
/** What it exports. The package is found by its name, through the exports of its manifest. */
export const weir = await import(WEIR_CLIENT ? clientURL : 'weir-client');
const { createClient } = weir;

/** Reads the parts of a frame that the client writes; throws if there is anything else. */
export function decodeFrame(bytes, { signed = false } = {}) {
  let at = 4;
  const end = bytes.length - (signed ? 16 : 0);
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const number = () => {
    const z = varint();
    if (z === 1) return bytes.readDoubleLE((at += 8) - 8);
    return z % 2 === 0 ? z / 2 : -(z - 1) / 2;
  };
  const list = (read) => Array.from({ length: varint() }, read);
  const text = () => {
    const length = varint();
    return bytes.subarray(at, (at += length)).toString();
  };
  const flags = bytes[3];
  const key = flags & 1 ? bytes.subarray(at + 1, (at += 1 + bytes[at])).toString() : null;
  const instance = Buffer.from(bytes.subarray(at, (at += 8))).reverse().toString('hex');
  const frame = {
    instance, start: varint(), sequence: varint(), age: varint(), final: (flags & 2) > 0,
    confirm: (flags & 4) > 0, key, bytes: bytes.length, records: [],
  };
  const strings = list(text);
  const string = () => strings[varint()];
  const labels = () => Object.fromEntries(list(() => [string(), string()]));
  frame.common = labels();
  const bounds = list(() => list(number));
  while (at < end) {
    const type = varint();
    const recordEnd = varint() + at;
    if (type === 11) {
      if (frame.sent !== undefined || frame.records.length > 0) throw new Error('the clock is not the first record');
      frame.sent = varint();
      if (at !== recordEnd) throw new Error('the clock has more than its time');
      continue;
    }
    const record = { name: string() };
    if (type === 10) {
      const unit = varint();
      const help = varint();
      Object.assign(record, { type: 'meta', unit: strings[unit - 1], help: strings[help - 1] });
    } else {
      record.labels = labels();
      if (type === 1) Object.assign(record, { type: 'counter', value: number() });
      else if (type === 3) {
        Object.assign(record, { type: 'gauge', merge: bytes[at++], value: number() });
        if (!Number.isNaN(record.value)) record.held = varint();
      }
      else if (type === 6) {
        let next = 0;
        Object.assign(record, {
          type: 'histogram', bounds: bounds[varint() - 1] ?? null, sum: number(),
          buckets: list(() => [(next += varint() + 1) - 1, number()]),
        });
      } else throw new Error(`record of type ${type}`);
      if (type !== 3) {
        const exemplars = list(() => ({ labels: labels(), value: number(), age: varint() }));
        if (exemplars.length > 0) record.exemplars = exemplars;
        record.began = varint();
      }
    }
    if (at !== recordEnd) throw new Error(`${record.name}: ${recordEnd - at} bytes after its fields`);
    frame.records.push(record);
  }
  return frame;
}

/**
 * A clock that a test sets. When everything that is ready has run and something waits for a time, the
 * clock advances to that time by itself.
 */
export function standingClock() {
  const timers = [];
  let isFiring = false;
  const fire = () => {
    isFiring = timers.length > 0;
    if (!isFiring) return;
    const next = timers.reduce((first, timer) => (timer.due < first.due ? timer : first));
    timers.splice(timers.indexOf(next), 1);
    clock.advance(Math.max(0, next.due - clock.ticks));
    next.callback();
    setImmediate(fire);
  };
  const clock = {
    wall: 1_700_000_000_000, ticks: 5000, up: 90,
    now: () => clock.wall,
    monotonic: () => clock.ticks,
    uptime: () => clock.up,
    after(milliseconds, callback) {
      const timer = { due: clock.ticks + milliseconds, callback };
      timers.push(timer);
      if (!isFiring) setImmediate(fire);
      isFiring = true;
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    /** Advances all three clocks, as on a machine that is not suspended. */
    advance(milliseconds) {
      clock.wall += milliseconds;
      clock.ticks += milliseconds;
      clock.up += milliseconds / 1000;
    },
    /** Suspends the machine: its monotonic clock stands still. */
    suspend(milliseconds) {
      clock.wall += milliseconds;
      clock.up += milliseconds / 1000;
    },
  };
  return clock;
}

/** A client with a clock that the test sets, whose frames are kept here and sent nowhere. */
export function clientWithoutNetwork(options = {}) {
  const frames = [];
  const clock = standingClock();
  const transport = {
    frameBytesMax: 1432, answersComeBySocket: true,
    async send(sent) {
      frames.push(...sent.map((bytes) => decodeFrame(bytes)));
      return 'unknown';
    },
  };
  const client = createClient({
    flushInterval: 0, processMetrics: false, clock, transport, ...options,
  });
  /** Flushes, and returns the frames that were sent. */
  const flush = async () => {
    frames.length = 0;
    await client.flush();
    return [...frames];
  };
  return { client, clock, flush, frames };
}

/** A UDP server that calls `take(frame, answer, bytes, from)` with each datagram. */
export async function datagramServer(take, { host = '127.0.0.1', port = 0 } = {}) {
  const { address, family } = await dns.lookup(host);
  const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.on('message', (bytes, from) => {
    const frame = decodeFrame(bytes, { signed: (bytes[3] & 1) > 0 });
    const answer = () => socket.send(answerTo(bytes, frame.sequence), from.port, from.address);
    take(frame, answer, bytes, from);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  const bound = socket.address();
  return { address: `${host}:${bound.port}`, port: bound.port, close: () => socket.close() };
}

/** An unsigned answer to an unsigned frame. */
export function answerTo(bytes, sequence) {
  const tail = [];
  for (; sequence >= 128; sequence = Math.floor(sequence / 128)) tail.push((sequence & 127) | 128);
  return Buffer.from([0xf7, 0x57, 1, 128, ...bytes.subarray(4, 12), ...tail, sequence]);
}

/** The frames of a request's body. */
export function framesOfBody(body) {
  const frames = [];
  for (let at = 0; at < body.length;) {
    let length = 0;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      byte = body[at++];
      length += (byte & 127) * scale;
    }
    frames.push(decodeFrame(body.subarray(at, (at += length))));
  }
  return frames;
}
