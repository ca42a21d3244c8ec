// The types of weir.mjs.

import type { Buffer } from 'node:buffer';

/** What divides a metric into series. Values are written as text. */
export type Labels = Record<string, string | number | boolean>;

/** What a gauge that several processes set shows of their values. */
export type Merge = 'last' | 'sum' | 'min' | 'max' | 'avg';

export interface MetricOptions {
  /** A sentence for whoever meets the metric in Prometheus. */
  help?: string;
  /** What it counts, such as `bytes`. */
  unit?: string;
}

export interface GaugeOptions extends MetricOptions {
  /** `last` unless said otherwise. */
  merge?: Merge;
}

export interface HistogramOptions extends MetricOptions {
  /** Ascending; Weir's own unless said otherwise, which it folds all others into. */
  bounds?: readonly number[];
}

/** One series of a counter. */
export interface CounterSeries {
  inc(amount?: number, exemplar?: Labels): void;
  /** Sets a total that is kept elsewhere; a smaller one than before is dropped. */
  setTotal(total: number): void;
}

/** One series of a gauge. */
export interface GaugeSeries {
  set(value: number): void;
  inc(amount?: number): void;
  dec(amount?: number): void;
  /** Takes the value of this process away. */
  remove(): void;
}

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number, exemplar?: Labels): void;
  /** The function that it returns observes the seconds since, and returns them. */
  startTimer(): () => number;
}

export interface Counter {
  /** The series of these labels, to be kept where it is recorded in often. */
  labels(labels: Labels): CounterSeries;
  inc(labels?: Labels, amount?: number, exemplar?: Labels): void;
  inc(amount: number, exemplar?: Labels): void;
  setTotal(labels: Labels, total: number): void;
  setTotal(total: number): void;
}

export interface Gauge {
  labels(labels: Labels): GaugeSeries;
  set(labels: Labels, value: number): void;
  set(value: number): void;
  inc(labels?: Labels, amount?: number): void;
  inc(amount: number): void;
  dec(labels?: Labels, amount?: number): void;
  dec(amount: number): void;
  remove(labels?: Labels): void;
}

export interface Histogram {
  labels(labels: Labels): HistogramSeries;
  observe(labels: Labels, value: number, exemplar?: Labels): void;
  observe(value: number, exemplar?: Labels): void;
  startTimer(labels?: Labels): () => number;
}

export interface ClientOptions {
  /** Where Weir receives datagrams, `host:port`; `127.0.0.1:8125` unless said otherwise. */
  address?: string;
  /** Where it takes frames over HTTP, in place of the address: `https://user:password@host/api/v1/push`. */
  url?: string;
  /** Certificates to trust, of a `url`. */
  ca?: string | Buffer | Array<string | Buffer>;
  /** How long a request may take, in milliseconds. */
  timeout?: number;
  /** On every series. */
  labels?: Labels;
  /** Of the `process_*` metrics; `host:pid` unless said otherwise. */
  instance?: string;
  /** To sign with, as in the server's `--push.keys-file`. */
  key?: { id: string; secret: string | Uint8Array };
  /** Milliseconds between flushes, 100 to 10,000; 0 leaves them to `flush()`. */
  flushInterval?: number;
  /** Series that are kept at most; 10,000 unless said otherwise. */
  seriesMax?: number;
  /** Bytes of a frame at most. */
  frameBytesMax?: number;
  /** Whether `process_*` and `nodejs_*` are sent; once in a process, whatever clients it has. */
  processMetrics?: boolean;
  /** Signals at which the last totals are sent before they take their course; `true` for SIGTERM and SIGINT. */
  signals?: boolean | readonly NodeJS.Signals[];
  /** Told of what went wrong with the network. */
  onError?: (error: Error) => void;
}

export interface Stats {
  flushes: number;
  framesSent: number;
  bytesSent: number;
  errors: number;
  lastError: Error | null;
  /** Values that were no numbers, or negative where none may be. */
  valuesRefused: number;
  /** Samples whose series found no place. */
  samplesOverflowed: number;
}

/** A series as it was recorded in this process. */
export type Recorded =
  | { type: 'counter' | 'gauge'; name: string; labels: Record<string, string>; value: number }
  | {
      type: 'histogram'; name: string; labels: Record<string, string>; sum: number; count: number;
      bounds: number[]; buckets: number[];
    };

export class Client {
  constructor(options?: ClientOptions);
  readonly stats: Stats;
  /** Throws where the name is none, or is defined as another type. */
  counter(name: string, options?: MetricOptions): Counter;
  gauge(name: string, options?: GaugeOptions): Gauge;
  histogram(name: string, options?: HistogramOptions): Histogram;
  /** Calls `read` before each flush, to set what is read rather than counted. */
  collect(read: () => void): void;
  /** Sends what has changed or is due; never rejects. */
  flush(): Promise<void>;
  /** Sends all totals a last time; resolves to whether all of them are known to have arrived. */
  close(options?: { timeout?: number }): Promise<boolean>;
  /** All that was recorded, by series. */
  snapshot(): Recorded[];
}

/** A client of its own. */
export function createClient(options?: ClientOptions): Client;
/** The client of this process, made by the first call, however often this file is bundled. */
export function sharedClient(options?: ClientOptions): Client;
/** Upper bounds of Weir's own buckets. */
export const defaultBounds: readonly number[];
/** The bytes of a frame, by its meaning as in docs/protocol-vectors.json. */
export function encodeFrame(
  frame: object, options?: { keys?: Record<string, string | Uint8Array> },
): Buffer;
/** What an answer tells; null where it is none, or is not signed with the secret. */
export function decodeAnswer(
  bytes: Uint8Array, options?: { secret?: string | Uint8Array },
): { instance: string; sequence: number } | null;
