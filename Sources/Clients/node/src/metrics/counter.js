// Totals that only grow.

'use strict';

const { isLabels } = require('./labels.js');
const { Metric } = require('./metric.js');
const { Series } = require('./series.js');
const { during } = require('./timing.js');

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

  /** Sets a total that is kept elsewhere, for example by the kernel. A smaller one is refused. */
  setTotal(total) {
    if (typeof total !== 'number' || !(total >= this.total && total < Infinity)) {
      return this.metric.client.refuse();
    }
    if (total === this.total) return;
    if (!this.ready && !this.awake()) return;
    this.total = total;
  }

  /**
   * Calls `work`, and counts it if it throws, or rejects. With a `Type`, only its instances count.
   */
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

module.exports = { Counter, CounterSeries };
