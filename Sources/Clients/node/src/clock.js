// The clocks of a client.

'use strict';

const { uptime } = require('node:os');
const { performance } = require('node:perf_hooks');

/** A smaller difference between two clocks counts as rounding, not as a suspended machine. */
const SUSPENSION_MILLISECONDS_MIN = 2000;

/**
 * Wall time can be wrong and may be corrected at any time. The monotonic clock is never wrong, but
 * on Linux it stands still while the machine is suspended.
 */
class Clock {
  #monotonic;
  #uptime;
  #suspended = 0;
  #wallBefore;
  #monotonicBefore;
  #uptimeAhead;

  constructor({
    now = Date.now, monotonic = () => performance.now(), uptime: up = uptime, after = afterTimeout,
  } = {}) {
    /** Milliseconds since 1970, by the wall clock. */
    this.now = now;
    /** Calls a function after this many milliseconds; returns a function that cancels the call. */
    this.after = after;
    this.#monotonic = monotonic;
    this.#uptime = up;
    this.start = Math.floor(now());
    this.#wallBefore = this.start;
    this.startedAt = monotonic();
    this.#monotonicBefore = this.startedAt;
    this.#uptimeAhead = up() * 1000 - this.startedAt;
  }

  /** Milliseconds since an arbitrary moment, for intervals within the process. */
  monotonic() {
    return this.#monotonic();
  }

  /**
   * Whole milliseconds since the client was made, including the time that the machine was
   * suspended. If the wall clock has advanced more than the monotonic one, the time since boot
   * shows whether the machine was suspended or the wall clock was corrected. The smaller of the two
   * differences counts.
   */
  elapsed() {
    const wall = this.now();
    const monotonic = this.#monotonic();
    const jump = wall - this.#wallBefore - (monotonic - this.#monotonicBefore);
    this.#wallBefore = wall;
    this.#monotonicBefore = monotonic;
    if (jump >= SUSPENSION_MILLISECONDS_MIN) {
      const ahead = this.#uptime() * 1000 - monotonic;
      const suspended = Math.min(jump, ahead - this.#uptimeAhead);
      if (suspended >= SUSPENSION_MILLISECONDS_MIN) this.#suspended += suspended;
      this.#uptimeAhead = ahead;
    }
    return Math.max(0, Math.floor(monotonic - this.startedAt + this.#suspended));
  }
}

function afterTimeout(milliseconds, callback) {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}

module.exports = { Clock };
