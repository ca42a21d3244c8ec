// The client: it defines metrics, counts what goes wrong, and has what was recorded sent.

'use strict';

const { randomBytes } = require('node:crypto');
const { hostname } = require('node:os');
const { Clock } = require('../clock.js');
const { Counter, CounterSeries } = require('../metrics/counter.js');
const { Gauge } = require('../metrics/gauge.js');
const { Histogram } = require('../metrics/histogram.js');
const { labelPairs } = require('../metrics/labels.js');
const { LostSeries } = require('../metrics/lost-series.js');
const { checkDefinition, checkSame, optionalText } = require('../metrics/options.js');
const { Meta } = require('../metrics/schedule.js');
const { measureProcess } = require('../process/process-metrics.js');
const { DatagramTransport } = require('../transports/datagrams.js');
const { RequestTransport } = require('../transports/requests.js');
const { Closing } = require('./closing.js');
const { Flushing } = require('./flushing.js');
const { FrameWriter } = require('./frame-writer.js');
const { checkClientOptions, signalNames, signingKey } = require('./options.js');
const { closeAtExit } = require('./process-events.js');
const { Readings } = require('./readings.js');
const { SeriesList } = require('./series-list.js');
const { countAfterClose, shared, takeAfterClose } = require('./shared.js');

/** The client's own counters: name and help. */
const OVERFLOW = [
  'push_client_series_overflow_total', 'Samples of clients that had no room for their series.',
];
const AFTER_CLOSE = [
  'push_client_samples_after_close_total', 'Samples recorded after close, which are not sent.',
];

class Client {
  /** What happened so far; index.d.cts describes each number. */
  stats = {
    flushes: 0, framesSent: 0, bytesSent: 0, errors: 0, lastError: null, valuesRefused: 0,
    samplesOverflowed: 0, samplesAfterClose: 0,
  };
  /** The series that is returned when there is no room for another. */
  lost = new LostSeries(this);
  instanceID = randomBytes(8);
  /** Whether the last totals have been taken: what is recorded after that is not sent. */
  hasEnded = false;
  readings = new Readings((error) => this.failed(error));
  /** The units and help texts that are sent. */
  metas = [];
  #options;
  #metrics = new Map();
  /** Counters of the client's own, by name. */
  #own = new Map();
  #transport;
  #flushing;
  #closing;
  #stopListening;

  constructor(options = {}) {
    checkClientOptions(options);
    const signals = signalNames(options.signals);
    const { flushInterval = 1000, seriesMax = 10_000 } = options;
    this.#options = { ...options, flushInterval };
    this.seriesMax = seriesMax;
    this.series = new SeriesList(seriesMax);
    const key = signingKey(options.key);
    this.commonLabels = new Map(labelPairs(options.labels ?? {}, new Map()));
    this.instance = options.instance ?? `${hostname()}:${process.pid}`;
    this.clock = new Clock(options.clock);
    const transport = options.transport ?? this.#openTransport(options);
    const frameBytesMax = options.frameBytesMax ?? transport.frameBytesMax;
    const writer = new FrameWriter(this, { key, frameBytesMax });
    const flushing = new Flushing(this, transport, writer, { interval: flushInterval });
    this.#transport = transport;
    this.#flushing = flushing;
    this.#closing = new Closing(this, transport, writer, flushing, { secret: key?.secret });
    if (options.processMetrics ?? true) measureProcess(this, options);
    flushing.start();
    this.#stopListening = closeAtExit(this, this.#closing, signals);
  }

  counter(name, options = {}) { return this.#metric(Counter, name, options); }
  gauge(name, options = {}) { return this.#metric(Gauge, name, options); }
  histogram(name, options = {}) { return this.#metric(Histogram, name, options); }

  /** Calls `read` before each flush, to set values that are kept elsewhere. */
  collect(read) {
    if (typeof read !== 'function') throw new TypeError('collect takes a function.');
    this.readings.addCollector(read);
  }

  /**
   * Sends what has changed or is due. Resolves when it was handed to the kernel, or answered over
   * HTTP; never rejects.
   */
  flush() {
    return this.#flushing.flush();
  }

  /**
   * Sends all totals a last time, until they are confirmed or `timeout` milliseconds have passed.
   * Resolves to whether all of them are known to have arrived; never rejects.
   */
  close({ timeout = 2000 } = {}) {
    return this.#closing.close(timeout);
  }

  /** All that was recorded, by series, with the common labels. */
  snapshot() {
    return this.series.snapshot(this.commonLabels);
  }

  // What the other parts need of their client.

  /** Counts a value that is not valid. */
  refuse() {
    this.stats.valuesRefused += 1;
  }

  /** Counts a sample whose series had no room. */
  overflowed() {
    if (this.hasEnded) return this.recordedAfterClose('a metric');
    this.stats.samplesOverflowed += 1;
    this.#count(OVERFLOW, 1);
  }

  /**
   * Counts a sample that comes too late to be sent. The next client of the process sends the count.
   */
  recordedAfterClose(name) {
    this.stats.samplesAfterClose += 1;
    countAfterClose();
    if (this.stats.samplesAfterClose > 1) return;
    this.failed(new Error(
      `${name} was recorded after close; samples after close are counted but not sent.`));
  }

  failed(error) {
    this.stats.errors += 1;
    this.stats.lastError = error;
    try {
      this.#options.onError?.(error);
    } catch {
      // An error of onError must stop neither the application nor the flush.
    }
  }

  /** Reads the values that are read before each flush. */
  readValues({ isLast }) {
    const afterClose = takeAfterClose();
    if (afterClose > 0) this.#count(AFTER_CLOSE, afterClose);
    this.readings.collect(this.#metrics.values(), { isLast });
  }

  /** Releases what the client holds, after its last frames. */
  leave() {
    this.#stopListening();
    this.#transport.close?.();
    this.stopMeasuring?.();
    if (shared().client === this) shared().client = null;
    if (shared().measured === this) shared().measured = null;
  }

  /** Adds to one of the client's own counters, which the limit on series does not apply to. */
  #count([name, help], amount) {
    let series = this.#own.get(name);
    if (!series) {
      const counter = new Counter(this, name, { help });
      this.metas.push(new Meta(counter, 0));
      series = this.series.addOwn(new CounterSeries(counter, [], 0));
      this.#own.set(name, series);
    }
    series.inc(amount);
  }

  #metric(Class, name, options) {
    checkDefinition(name, options, Class.options);
    let metric = this.#metrics.get(name);
    if (metric) {
      checkSame(metric, Class, options);
    } else {
      metric = new Class(this, name, options);
      this.#metrics.set(name, metric);
    }
    if (options.collect) metric.collect = options.collect;
    this.#describe(metric, options);
    return metric;
  }

  /** Has the unit and the help sent. They may come with a later definition. */
  #describe(metric, { help, unit }) {
    metric.help ??= optionalText(metric.name, 'help', help);
    metric.unit ??= optionalText(metric.name, 'unit', unit);
    if (!metric.help && !metric.unit) return;
    const known = this.metas.find((meta) => meta.metric === metric);
    if (!known) this.metas.push(new Meta(metric, this.metas.length));
  }

  #openTransport(options) {
    const given = { ...options, clock: this.clock, onError: (error) => this.failed(error) };
    if (options.url !== undefined) return new RequestTransport(options.url, given);
    return new DatagramTransport(options.address ?? '127.0.0.1:8125', given);
  }
}

/** A new client. */
function createClient(options) {
  return new Client(options);
}

/**
 * The client of this process. The first call makes it; the options of later calls are ignored. It
 * is the same one in all bundles of the process.
 */
function sharedClient(options) {
  shared().client ??= new Client(options);
  return shared().client;
}

module.exports = { Client, createClient, sharedClient };
