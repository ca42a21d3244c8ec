// The types of weir.mjs.

import type { Buffer } from 'node:buffer';

/** What divides a metric into series. Values are written as text. */
export type Labels = Record<string, string | number | boolean>;

/** What a gauge that several processes set shows of their values. */
export type Merge = 'last' | 'sum' | 'min' | 'max' | 'avg';

/** The function that a timer returns: the seconds since it was started are recorded, and returned. */
export type StopTimer = (labels?: Labels, exemplar?: Labels) => number;

export interface MetricOptions<Self = Counter> {
  /** A sentence for whoever meets the metric in Prometheus. */
  help?: string;
  /** What it counts, such as `bytes`. */
  unit?: string;
  /**
   * The labels that the metric has. Others throw where they are used, and the values of these can be
   * given in their order: `labels('GET', 200)`.
   */
  labelNames?: readonly string[];
  /** Called before each flush, to set what is read rather than counted. */
  collect?: (this: Self, metric: Self) => void | Promise<void>;
}

export interface GaugeOptions extends MetricOptions<Gauge> {
  /** `last` unless said otherwise. */
  merge?: Merge;
}

export interface HistogramOptions extends MetricOptions<Histogram> {
  /** Ascending; Weir's own unless said otherwise, which it folds all others into. */
  bounds?: readonly number[];
}

/** One series of a counter. */
export interface CounterSeries {
  inc(amount?: number, exemplar?: Labels): void;
  /** Sets a total that is kept elsewhere; a smaller one than before is dropped. */
  setTotal(total: number): void;
  /** Calls `work`, and counts what it throws or rejects with, or what of that is a `Type`. */
  countExceptions<Result>(work: () => Result, Type?: new (...rest: any[]) => unknown): Result;
  /** Sends it no more. Where it is recorded in again, it goes on where it was. */
  remove(): void;
}

/** One series of a gauge. */
export interface GaugeSeries {
  set(value: number): void;
  inc(amount?: number): void;
  dec(amount?: number): void;
  /** Sets it to the seconds since 1970. */
  setToCurrentTime(): void;
  /** Calls `read` before each flush, and takes what it returns; null ends that. */
  setFunction(read: (() => number) | null): void;
  /** The function that it returns sets the seconds since, and returns them. */
  startTimer(): StopTimer;
  /** Calls `work`; until it has ended, or its promise is settled, the gauge is one higher. */
  trackInProgress<Result>(work: () => Result): Result;
  /** Takes the value of this process away. */
  remove(): void;
}

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number, exemplar?: Labels): void;
  /** The function that it returns observes the seconds since, and returns them. */
  startTimer(): StopTimer;
  /** Sends it no more. Where it is recorded in again, it goes on where it was. */
  remove(): void;
}

interface Metric<Series> {
  readonly name: string;
  /** The series of these labels, to be kept where it is recorded in often. */
  labels(labels?: Labels): Series;
  /** The same, by the values of `labelNames`. */
  labels(...values: Array<string | number | boolean>): Series;
  /** Removes the series of these labels: a gauge leaves, a total is sent no more. */
  remove(labels?: Labels): void;
  remove(...values: Array<string | number | boolean>): void;
  /** Removes all series. */
  clear(): void;
  /** The same as `clear`. */
  reset(): void;
}

export interface Counter extends Metric<CounterSeries> {
  inc(labels?: Labels, amount?: number, exemplar?: Labels): void;
  inc(amount: number, exemplar?: Labels): void;
  setTotal(labels: Labels, total: number): void;
  setTotal(total: number): void;
  countExceptions<Result>(
    labels: Labels, work: () => Result, Type?: new (...rest: any[]) => unknown,
  ): Result;
  countExceptions<Result>(work: () => Result, Type?: new (...rest: any[]) => unknown): Result;
}

export interface Gauge extends Metric<GaugeSeries> {
  set(labels: Labels, value: number): void;
  set(value: number): void;
  inc(labels?: Labels, amount?: number): void;
  inc(amount: number): void;
  dec(labels?: Labels, amount?: number): void;
  dec(amount: number): void;
  setToCurrentTime(labels?: Labels): void;
  setFunction(labels: Labels, read: (() => number) | null): void;
  setFunction(read: (() => number) | null): void;
  startTimer(labels?: Labels): StopTimer;
  trackInProgress<Result>(labels: Labels, work: () => Result): Result;
  trackInProgress<Result>(work: () => Result): Result;
}

export interface Histogram extends Metric<HistogramSeries> {
  observe(labels: Labels, value: number, exemplar?: Labels): void;
  observe(value: number, exemplar?: Labels): void;
  startTimer(labels?: Labels): StopTimer;
}

/** The clocks of a client, for tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Milliseconds that never go back. */
  monotonic?: () => number;
  /** Seconds since the machine started, those included in which it was suspended. */
  uptime?: () => number;
  /** Calls back after so many milliseconds; returns what takes the call back. */
  after?: (milliseconds: number, callback: () => void) => () => void;
}

/** A way out for tests, in place of UDP and HTTP. */
export interface Transport {
  frameBytesMax: number;
  answersComeBySocket: boolean;
  /** Set by the client: called with each answer. */
  onAnswer?: (bytes: Uint8Array) => void;
  send(frames: Buffer[], options: object): Promise<'arrived' | 'refused' | 'unknown'>;
  /** Sends before it returns, when the process ends. */
  sendNow?(frames: Buffer[]): void;
  close?(): void;
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
  /** Whether these are all that prom-client's `collectDefaultMetrics` shows, by its names. */
  defaultMetrics?: boolean;
  /** Whether processor time and garbage collections have the label `instance`, which their sums lack. */
  perProcessCpu?: boolean;
  /** Signals at which the last totals are sent before they take their course; `true` for SIGTERM and SIGINT. */
  signals?: boolean | NodeJS.Signals | readonly NodeJS.Signals[];
  /** Told of what went wrong with the network, and of the first sample after `close`. */
  onError?: (error: Error) => void;
  /** Finds the address of a host's name, in place of the system. */
  lookup?: (hostname: string) => Promise<{ address: string; family: number }>;
  clock?: Clock;
  transport?: Transport;
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
  /** Samples that were recorded after `close`, and are not sent. */
  samplesAfterClose: number;
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
  /** Throws where the name or an option is none, or the metric is defined already and differs. */
  counter(name: string, options?: MetricOptions): Counter;
  gauge(name: string, options?: GaugeOptions): Gauge;
  histogram(name: string, options?: HistogramOptions): Histogram;
  /** Calls `read` before each flush, to set what is read rather than counted. */
  collect(read: () => void | Promise<void>): void;
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
/** `count` upper bounds from `start` on, each `width` above the one before. */
export function linearBounds(start: number, width: number, count: number): number[];
/** `count` upper bounds from `start` on, each `factor` times the one before. */
export function exponentialBounds(start: number, factor: number, count: number): number[];
/** The bytes of a frame, by its meaning as in docs/protocol-vectors.json. */
export function encodeFrame(
  frame: object, options?: { keys?: Record<string, string | Uint8Array> },
): Buffer;
/** What an answer tells; null where it is none, or is not signed with the secret. */
export function decodeAnswer(
  bytes: Uint8Array, options?: { secret?: string | Uint8Array },
): { instance: string; sequence: number } | null;
