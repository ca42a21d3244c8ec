// The series: one metric with one set of labels.
//
//            record                flush              remove         its last repeat
//     new -----------> is ready ----------> waits ------------> removed -------------> dormant
//                         ^ record            |                    |                      |
//                         +-------------------+--------------------+----------------------+

'use strict';

const { Sent } = require('./schedule.js');

/** The limit of OpenMetrics on the characters of an exemplar's labels together. */
const EXEMPLAR_CHARACTERS_MAX = 128;

/** The handle that records. */
class Series extends Sent {
  /** Whether a sample can be recorded without asking the client. */
  ready = false;
  isRemoved = false;
  /** Whether it is off the client's list. */
  isDormant = false;
  exemplars = null;

  constructor(metric, labels, spread) {
    super(spread);
    this.metric = metric;
    this.labelPairs = labels;
    this.began = metric.client.clock.elapsed();
  }

  /** Makes it ready. If that is not possible, the client counts the sample as lost. */
  awake() {
    const { client } = this.metric;
    if (client.hasEnded) return client.recordedAfterClose(this.metric.name);
    if (this.isDormant && !client.series.revive(this)) return client.overflowed();
    this.isRemoved = false;
    this.changed = true;
    this.ready = true;
    return true;
  }

  /**
   * Stops sending it, after its last value was sent. If it is recorded again, a total continues
   * where it was, because totals at the server never decrease.
   */
  remove() {
    if (this.isRemoved || this.isDormant) return;
    this.isRemoved = true;
    this.ready = false;
  }

  isDue(flush, cycle) {
    this.ready = false;
    if (this.isRemoved && !this.changed && this.isSettled) {
      this.metric.client.series.retire(this);
      return false;
    }
    return super.isDue(flush, cycle);
  }

  /**
   * Keeps `labels` as an exemplar of `place`, a bucket of a histogram; the latest one of each
   * place.
   */
  keepExemplar(place, value, labels) {
    try {
      const pairs = Object.entries(labels).map(([name, text]) => [name, String(text)]);
      const characters = pairs.flat().reduce((sum, text) => sum + [...text].length, 0);
      if (characters > EXEMPLAR_CHARACTERS_MAX) return this.metric.client.refuse();
      this.exemplars ??= new Map();
      this.exemplars.set(place, { labels: pairs, value, at: this.metric.client.clock.elapsed() });
    } catch {
      this.metric.client.refuse();
    }
  }

  /** The exemplars since the last call; each is sent once. */
  takeExemplars(age) {
    if (!this.exemplars) return undefined;
    const taken = [...this.exemplars.values()].map(({ labels, value, at }) => (
      { labels, value, age_ms: Math.max(0, age - at) }));
    this.exemplars = null;
    return taken;
  }
}

module.exports = { Series };
