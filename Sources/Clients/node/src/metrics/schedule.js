// The schedule of what is sent: at once after a change, then at growing intervals.

'use strict';

/** The flushes after a change that repeat it. Then it is repeated once in a cycle. */
const REPEATS = [1, 2, 4, 8, 16, 32];

/** Something that is sent after a change, and repeated, because a datagram may be lost. */
class Sent {
  changed = true;
  #changedAt = 0;
  #repeats = 0;
  #due = Infinity;
  #spread;

  /** `spread` selects the flush of a cycle in which it is repeated. */
  constructor(spread) {
    this.#spread = spread;
  }

  /** Whether to send it in flush number `flush`. A cycle has `cycle` flushes. */
  isDue(flush, cycle) {
    if (this.changed) {
      this.changed = false;
      this.#changedAt = flush;
      this.#repeats = 0;
    } else if (flush < this.#due) {
      return false;
    }
    const repeat = REPEATS[this.#repeats];
    if (repeat < cycle) {
      this.#due = this.#changedAt + repeat;
      this.#repeats += 1;
    } else {
      this.#due = flush + cycle;
      // The first interval differs, so that the series of a process are not all sent in one flush.
      if (this.#repeats <= REPEATS.length) this.#due -= this.#spread % cycle;
      this.#repeats = REPEATS.length + 1;
    }
    return true;
  }

  /** Whether its first repeats are over. */
  get isSettled() {
    return this.#repeats > REPEATS.length;
  }

  /** It arrived with flush number `flush`, so it is repeated only for a server that restarts. */
  arrived(flush, cycle) {
    if (this.changed) return;
    this.#due = flush + cycle - (this.#spread % cycle);
    this.#repeats = REPEATS.length + 1;
  }
}

/** The unit and the help text of a metric. */
class Meta extends Sent {
  constructor(metric, spread) {
    super(spread);
    this.metric = metric;
  }

  record() {
    const { name, unit, help } = this.metric;
    return { type: 'meta', name, unit, help };
  }
}

module.exports = { Sent, Meta };
