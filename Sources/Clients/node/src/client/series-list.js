// The series of a client, and the limit on their number.

'use strict';

const { GaugeSeries } = require('../metrics/gauge.js');

/** The bytes of a series' name and labels together that Weir accepts by default. */
const SERIES_BYTES_MAX = 4096;
/** The number of labels of a series that Weir accepts by default. */
const SERIES_LABELS_MAX = 64;

/**
 * A series is on the list while it is sent. One that was removed leaves the list after its last
 * repeat: a gauge is forgotten, and a total is remembered, because it continues where it was if it
 * is recorded again.
 */
class SeriesList {
  #series = [];
  #made = 0;
  /** Totals that are remembered and not on the list. */
  #dormantTotals = 0;
  /** Series of the client's own counters, which the limit does not apply to. */
  #ownCount = 0;
  #max;

  constructor(max) {
    this.#max = max;
  }

  [Symbol.iterator]() {
    return this.#series.values();
  }

  /** A number for each series. It spreads repeats over the flushes of a cycle. */
  nextSpread() {
    this.#made += 1;
    return this.#made - 1;
  }

  hasRoomFor(name, pairs) {
    if (!this.#hasRoom(this.#dormantTotals) || pairs.length > SERIES_LABELS_MAX) return false;
    return Buffer.byteLength(name + pairs.flat().join('')) <= SERIES_BYTES_MAX;
  }

  add(series) {
    this.#series.push(series);
    return series;
  }

  /** Adds a series of the client's own. */
  addOwn(series) {
    this.#ownCount += 1;
    return this.add(series);
  }

  /** Marks a removed series, which `takeDue` then takes off the list. */
  retire(series) {
    series.isDormant = true;
    if (series instanceof GaugeSeries) series.metric.forget(series);
    else this.#dormantTotals += 1;
  }

  /** Puts a retired series on the list again; false if there is no room. */
  revive(series) {
    const dormantTotals = this.#dormantTotals - (series instanceof GaugeSeries ? 0 : 1);
    if (!this.#hasRoom(dormantTotals)) return false;
    this.#dormantTotals = dormantTotals;
    series.isDormant = false;
    this.add(series);
    return true;
  }

  /** The series to send in this flush. */
  takeDue(flush, cycle) {
    const due = this.#series.filter((series) => series.isDue(flush, cycle));
    if (this.#series.some((series) => series.isDormant)) {
      this.#series = this.#series.filter((series) => !series.isDormant);
    }
    return due;
  }

  /** The series that stay at the server after the instance has ended. */
  totals() {
    return this.#series.filter((series) => !(series instanceof GaugeSeries));
  }

  /** All values, as the client's `snapshot` shows them. */
  snapshot(commonLabels) {
    return this.#series.filter((series) => isSet(series) && !series.isRemoved).map((series) => {
      const { type, name } = series.metric;
      const labels = Object.fromEntries([...commonLabels, ...series.labelPairs]);
      if (type !== 'histogram') return { type, name, labels, value: series.total ?? series.value };
      const { sum, count, upper, buckets } = series;
      return { type, name, labels, sum, count, bounds: [...upper], buckets: [...buckets] };
    });
  }

  /** Remembered totals take room only when there are more of them than the limit. */
  #hasRoom(dormantTotals) {
    const remembered = Math.max(0, dormantTotals - this.#max);
    return this.#series.length - this.#ownCount + remembered < this.#max;
  }
}

function isSet(series) {
  return !(series instanceof GaugeSeries) || !Number.isNaN(series.value);
}

module.exports = { SeriesList };
