// Values that go up and down.

'use strict';

const { MERGES } = require('../frames/format.js');
const { isLabels } = require('./labels.js');
const { Metric } = require('./metric.js');
const { Series } = require('./series.js');
const { during, setSeconds, timer } = require('./timing.js');

class GaugeSeries extends Series {
  // Nothing to send before the first value is set.
  changed = false;
  value = NaN;
  /** When it was set, by the wall clock; null after the flush that computed `heldSince`. */
  #setAt = null;
  /** When it was set, by the client's age. */
  #heldSince = 0;

  set(value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.metric.client.refuse();
    // A value that is read before each flush and has not changed is not a new setting.
    if (value === this.value && this.metric.client.readings.isCollecting) return;
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

  /** Calls `read` before each flush and sets what it returns; null ends this. */
  setFunction(read) {
    if (read !== null && typeof read !== 'function') {
      throw new TypeError(`${this.metric.name}: setFunction takes a function or null.`);
    }
    const series = this.#current({ isRecording: false });
    if (series) this.metric.client.readings.setReader(series, read);
  }

  /** Starts a timer. The function that it returns sets the seconds since then, and returns them. */
  startTimer() {
    return timer((more) => this.metric.labelsWith(this, more), setSeconds);
  }

  /** Adds one while `work`, or the promise that it returns, is in progress. */
  trackInProgress(work) {
    this.inc();
    return during(work, () => this.dec());
  }

  /** Removes the value, until it is set again. */
  remove() {
    this.metric.client.readings.setReader(this, null);
    if (Number.isNaN(this.value)) return;
    super.remove();
    this.value = NaN;
    this.changed = true;
  }

  /** This series, or the one that replaced it after a removal; null if there is no room for it. */
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
      // It was set between the last flush and this one, even if the wall clock was corrected
      // meanwhile.
      const since = Math.floor(age - (wall - this.#setAt));
      this.#heldSince = Math.min(Math.max(since, ageBefore), age);
      this.#setAt = null;
    }
    return { ...record, held_ms: age - this.#heldSince };
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
      throw new TypeError(`${name}: merge "${this.merge}" is not known; use one of ${known}.`);
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

module.exports = { Gauge, GaugeSeries };
