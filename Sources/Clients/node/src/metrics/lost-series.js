// The series that is returned when there is no room for another one.

'use strict';

const { CounterSeries } = require('./counter.js');
const { timer } = require('./timing.js');

/** Its samples are counted and lost. */
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

module.exports = { LostSeries };
