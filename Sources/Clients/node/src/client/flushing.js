// Flushes: when they happen, and what each sends.

'use strict';

/** Weir knows all series this long after it was restarted. */
const REPEAT_MILLISECONDS = 60_000;
const REPEAT_FLUSHES_MAX = 60;
/** An instance sends a frame at least this often, even one without records. */
const HEARTBEAT_MILLISECONDS = 15_000;

class Flushing {
  #client;
  #transport;
  #writer;
  #interval;
  /** The number of flushes in which everything is sent once. */
  #cycle;
  /** The number of the last flush. */
  #flush = 0;
  /** Settles after the last flush that the application asked for. */
  #queue = Promise.resolve();
  #isFlushing = false;
  #isStopped = false;
  #timer = null;

  constructor(client, transport, writer, { interval }) {
    this.#client = client;
    this.#transport = transport;
    this.#writer = writer;
    this.#interval = interval;
    this.#cycle = Math.min(
      REPEAT_FLUSHES_MAX, Math.floor(REPEAT_MILLISECONDS / (interval || 10_000)));
  }

  /** Starts the timer, unless the application flushes by itself. */
  start() {
    if (this.#interval) this.#schedule();
  }

  /** Starts no further flush. Returns a promise that settles after those that were asked for. */
  stop() {
    clearTimeout(this.#timer);
    this.#isStopped = true;
    return this.#queue;
  }

  /** Flushes after the flushes before it. */
  flush() {
    this.#queue = this.#queue.then(() => this.#flushOnce(true));
    return this.#queue;
  }

  /** The interval varies by up to a tenth, so that clients do not all send at the same moment. */
  #schedule() {
    const delay = this.#interval * (0.9 + 0.2 * Math.random());
    this.#timer = setTimeout(async () => {
      // With a slow server flushes are left out, because the next one sends the same totals.
      if (!this.#isFlushing) await this.#flushOnce(false);
      if (!this.#isStopped) this.#schedule();
    }, delay);
    this.#timer.unref();
  }

  async #flushOnce(holdsProcess) {
    if (this.#isStopped) return;
    this.#isFlushing = true;
    try {
      const { frames, sent } = this.#takeDue();
      if (frames.length === 0) return;
      const outcome = await this.#transport.send(frames, { holdsProcess });
      if (outcome === 'arrived') for (const each of sent) each.arrived(this.#flush, this.#cycle);
    } catch (error) {
      this.#client.failed(error);
    } finally {
      this.#isFlushing = false;
    }
  }

  /** The frames of this flush, and what is in them. */
  #takeDue() {
    const { clock, metas, series, stats } = this.#client;
    this.#client.readValues({ isLast: false });
    this.#flush += 1;
    stats.flushes += 1;
    const sent = [
      ...metas.filter((meta) => meta.isDue(this.#flush, this.#cycle)),
      ...series.takeDue(this.#flush, this.#cycle),
    ];
    const next = clock.monotonic() + 1.2 * this.#interval;
    const isSilent = next - this.#writer.lastSentAt >= HEARTBEAT_MILLISECONDS;
    const frames = sent.length > 0 || isSilent ? this.#writer.write(sent, {}) : [];
    return { frames, sent };
  }
}

module.exports = { Flushing };
