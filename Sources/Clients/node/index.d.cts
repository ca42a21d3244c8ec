// The types of the client; index.d.mts gives them to ES modules. They need no other types, not even
// Node's.

/**
 * A label value is sent as text. An empty one, null and undefined mean that the series lacks the
 * label.
 */
export type LabelValue = string | number | boolean | null | undefined;

/** What divides a metric into series. */
export type Labels = Record<string, LabelValue>;

/** How the server merges the values of a gauge that several processes set. */
export type Merge = 'last' | 'sum' | 'min' | 'max' | 'avg';

/** Ends a timer: records the seconds since its start and returns them. */
export type StopTimer = (labels?: Labels, exemplar?: Labels) => number;

export interface MetricOptions<Self = Counter> {
  /** A sentence about the metric, which Prometheus shows. */
  help?: string;
  /** The unit of its values, such as `bytes`. */
  unit?: string;
  /**
   * The labels of the metric. Other labels then throw, and values can be given in this order:
   * `labels('GET', 200)`.
   */
  labelNames?: readonly string[];
  /** Called before each flush, to set values that are kept elsewhere. */
  collect?: (this: Self, metric: Self) => void | Promise<void>;
}

export interface GaugeOptions extends MetricOptions<Gauge> {
  /** Default: `last`. */
  merge?: Merge;
}

export interface HistogramOptions extends MetricOptions<Histogram> {
  /** Upper bounds in ascending order, at most 200. Default: `defaultBounds`. */
  bounds?: readonly number[];
}

/** One series of a counter. */
export interface CounterSeries {
  inc(amount?: number, exemplar?: Labels): void;
  /** Sets a total that is kept elsewhere; a smaller one than before is refused. */
  setTotal(total: number): void;
  /**
   * Calls `work`, and counts it if it throws, or rejects. With a `Type`, only its instances count.
   */
  countExceptions<Result>(work: () => Result, Type?: new (...rest: any[]) => unknown): Result;
  /** Stops sending it. If it is recorded again, it continues where it was. */
  remove(): void;
}

/** One series of a gauge. */
export interface GaugeSeries {
  set(value: number): void;
  inc(amount?: number): void;
  dec(amount?: number): void;
  /** Sets it to the seconds since 1970. */
  setToCurrentTime(): void;
  /** Calls `read` before each flush and sets what it returns; null ends this. */
  setFunction(read: (() => number) | null): void;
  /** Starts a timer, whose end sets the seconds since then. */
  startTimer(): StopTimer;
  /** Adds one while `work`, or the promise that it returns, is in progress. */
  trackInProgress<Result>(work: () => Result): Result;
  /** Removes the value of this process from the server. */
  remove(): void;
}

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number, exemplar?: Labels): void;
  /** Starts a timer, whose end observes the seconds since then. */
  startTimer(): StopTimer;
  /** Stops sending it. If it is recorded again, it continues where it was. */
  remove(): void;
}

interface Metric<Series> {
  readonly name: string;
  /** The series of these labels. Keep it where samples are recorded often. */
  labels(labels?: Labels): Series;
  /** The same, by the values of `labelNames` in their order. */
  labels(...values: LabelValue[]): Series;
  /**
   * Removes the series of these labels: a gauge leaves the server, a total is not repeated any
   * more.
   */
  remove(labels?: Labels): void;
  remove(...values: LabelValue[]): void;
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
  /** Seconds since the machine was started, including the time that it was suspended. */
  uptime?: () => number;
  /** Calls a function after this many milliseconds; returns a function that cancels the call. */
  after?: (milliseconds: number, callback: () => void) => () => void;
}

/** A transport for tests, instead of UDP and HTTP. */
export interface Transport {
  frameBytesMax: number;
  answersComeBySocket: boolean;
  /** Set by the client: called with each answer. */
  onAnswer?: (bytes: Uint8Array) => void;
  send(frames: Uint8Array[], options: object): Promise<'arrived' | 'refused' | 'unknown'>;
  /** Sends before it returns, when the process exits. */
  sendNow?(frames: Uint8Array[]): void;
  close?(): void;
}

/** The name of a signal, such as `SIGTERM`. */
export type Signal = `SIG${string}`;

export interface ClientOptions {
  /** Where Weir receives datagrams, `host:port`. Default: `127.0.0.1:8125`. */
  address?: string;
  /**
   * Where it accepts frames over HTTP, instead of `address`:
   * `https://user:password@host/api/v1/push`.
   */
  url?: string;
  /** Certificates to trust, in PEM, for a `url`. */
  ca?: string | Uint8Array | Array<string | Uint8Array>;
  /** The timeout of an HTTP request in milliseconds. Default: 5000. */
  timeout?: number;
  /** Labels of every series. */
  labels?: Labels;
  /** The label `instance` of the process metrics. Default: `host:pid`. */
  instance?: string;
  /** The key that signs frames, as in the server's `--push.keys-file`. */
  key?: { id: string; secret: string | Uint8Array };
  /** Milliseconds between flushes, 100 to 10,000; 0 means only `flush()` sends. Default: 1000. */
  flushInterval?: number;
  /** The limit on series. Default: 10,000. */
  seriesMax?: number;
  /** The limit on a frame in bytes, 256 to 65,507. Default: 1432 over UDP, 16,384 over HTTP. */
  frameBytesMax?: number;
  /** Whether metrics of the process are sent, by one client of the process. Default: true. */
  processMetrics?: boolean;
  /** Whether these are all metrics of prom-client's `collectDefaultMetrics`, by its names. */
  defaultMetrics?: boolean;
  /**
   * Whether processor time and garbage collections have the label `instance` too. Default: false.
   */
  perProcessCpu?: boolean;
  /** Signals that close the client before they end the process; `true` means SIGTERM and SIGINT. */
  signals?: boolean | Signal | readonly Signal[];
  /**
   * Called with errors of the network and of collectors, and for the first sample after `close`.
   */
  onError?: (error: Error) => void;
  /** Looks up the address of a host, instead of the system. */
  lookup?: (hostname: string) => Promise<{ address: string; family: number }>;
  clock?: Clock;
  transport?: Transport;
}

/** What happened so far. */
export interface Stats {
  flushes: number;
  framesSent: number;
  bytesSent: number;
  /** Errors of the network and of collectors. */
  errors: number;
  lastError: Error | null;
  /** Values that were not finite numbers, or negative for a counter. */
  valuesRefused: number;
  /** Samples whose series had no room. */
  samplesOverflowed: number;
  /** Samples that were recorded after `close`, which are not sent. */
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
  /** Throws if the name or an option is not valid, or if another definition of the name differs. */
  counter(name: string, options?: MetricOptions): Counter;
  gauge(name: string, options?: GaugeOptions): Gauge;
  histogram(name: string, options?: HistogramOptions): Histogram;
  /** Calls `read` before each flush, to set values that are kept elsewhere. */
  collect(read: () => void | Promise<void>): void;
  /** Sends what has changed or is due; never rejects. */
  flush(): Promise<void>;
  /**
   * Sends all totals a last time, for `timeout` milliseconds at most (2000 by default). Resolves to
   * whether all of them are known to have arrived.
   */
  close(options?: { timeout?: number }): Promise<boolean>;
  /** All that was recorded, by series. */
  snapshot(): Recorded[];
}

/** A new client. */
export function createClient(options?: ClientOptions): Client;
/** The client of this process. The first call makes it; all bundles of the process share it. */
export function sharedClient(options?: ClientOptions): Client;
/** The upper bounds of Weir's own buckets, which suit durations in seconds. */
export const defaultBounds: readonly number[];
/** `count` upper bounds that begin at `start`, each `width` above the one before. */
export function linearBounds(start: number, width: number, count: number): number[];
/** `count` upper bounds that begin at `start`, each `factor` times the one before. */
export function exponentialBounds(start: number, factor: number, count: number): number[];
/** The bytes of a frame with a meaning as in docs/protocol-vectors.json. */
export function encodeFrame(
  frame: object, options?: { keys?: Record<string, string | Uint8Array> },
): Uint8Array;
/** Reads an answer; null if it is not one, or is not signed with the secret. */
export function decodeAnswer(
  bytes: Uint8Array, options?: { secret?: string | Uint8Array },
): { instance: string; sequence: number } | null;
