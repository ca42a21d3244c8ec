// Values that are read before each flush, rather than recorded as they happen.

'use strict';

class Readings {
  /** Whether values are being read for a flush. */
  isCollecting = false;
  #collectors = [];
  /** The functions that gauges are read from, by series. */
  #readers = new Map();
  #failed;

  /** `failed` is called with each error of a function. */
  constructor(failed) {
    this.#failed = failed;
  }

  addCollector(read) {
    this.#collectors.push(read);
  }

  /** Sets the function of a gauge's series; null removes it. */
  setReader(series, read) {
    if (read) this.#readers.set(series, read);
    else this.#readers.delete(series);
  }

  /** Calls all functions. A promise is not waited for: what it sets is sent with the next flush. */
  collect(metrics, { isLast }) {
    this.isCollecting = true;
    for (const read of this.#collectors) this.#read(() => read({ isLast }));
    for (const metric of metrics) {
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
}

module.exports = { Readings };
