// Observations, counted by buckets.

'use strict';

const { defaultBounds, histogramBounds } = require('./bounds.js');
const { isLabels } = require('./labels.js');
const { Metric } = require('./metric.js');
const { Series } = require('./series.js');
const { observeSeconds, timer } = require('./timing.js');

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

  /**
   * Starts a timer. The function that it returns observes the seconds since then, and returns them.
   */
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

class Histogram extends Metric {
  static options = [...Metric.options, 'bounds'];

  type = 'histogram';

  constructor(client, name, options) {
    super(client, name, options, HistogramSeries);
    this.bounds = histogramBounds(name, options.bounds);
    if (this.labelNames?.includes('le')) {
      throw new TypeError(
        `${name}: the label le is reserved for the buckets; choose another name.`);
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

module.exports = { Histogram, HistogramSeries };
