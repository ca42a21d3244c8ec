// The end of a client: its last frames, which are sent until the server has answered them.

'use strict';

const { decodeAnswer } = require('../frames/codec.js');

/** The first wait for answers. Each further wait is twice as long, up to a second. */
const CONFIRM_MILLISECONDS = 50;
const CONFIRM_MILLISECONDS_MAX = 1000;

class Closing {
  #client;
  #transport;
  #writer;
  #flushing;
  #secret;
  /** What `close` returns; null before the first call. */
  #closing = null;
  /** The last frames that are not answered yet, by their sequence. */
  #unanswered = null;

  constructor(client, transport, writer, flushing, { secret }) {
    this.#client = client;
    this.#transport = transport;
    this.#writer = writer;
    this.#flushing = flushing;
    this.#secret = secret;
  }

  /** The first call sets the timeout; all calls resolve to the same result. */
  close(timeout) {
    this.#closing ??= this.#finish(timeout);
    return this.#closing;
  }

  /**
   * Sends the last frames before it returns, for `exit`. There is time for one try. If `close` has
   * begun, only the frames without an answer are sent.
   */
  closeNow() {
    try {
      if (!this.#client.hasEnded) this.#lastFrames({ confirm: false });
      if (this.#unanswered.size > 0) this.#transport.sendNow?.([...this.#unanswered.values()]);
    } catch (error) {
      this.#client.failed(error);
    }
  }

  /** Frames with all totals. The server drops the gauges of an instance that has ended. */
  #lastFrames(flags) {
    this.#client.readValues({ isLast: true });
    const { metas, series } = this.#client;
    const sent = [...metas.filter((meta) => meta.changed), ...series.totals()];
    const frames = this.#writer.write(sent, { final: true, ...flags });
    this.#client.hasEnded = true;
    for (const each of series) each.ready = false;
    const first = this.#writer.sequence - frames.length + 1;
    this.#unanswered = new Map(frames.map((frame, index) => [first + index, frame]));
    return frames;
  }

  async #finish(timeout) {
    const { clock } = this.#client;
    const flushed = this.#flushing.stop();
    const deadline = clock.monotonic() + timeout;
    await this.#settledWithin(flushed, timeout);
    let isConfirmed = false;
    const confirming = async () => {
      try {
        this.#lastFrames({ confirm: this.#transport.answersComeBySocket });
        isConfirmed = await this.#confirm(deadline);
      } catch (error) {
        this.#client.failed(error);
      }
    };
    // The look-up of a name may take longer than the timeout.
    await this.#settledWithin(confirming(), Math.max(1, deadline - clock.monotonic()));
    this.#client.leave();
    return isConfirmed;
  }

  /** Sends the last frames until each is answered, at growing intervals. */
  async #confirm(deadline) {
    const { clock, instanceID } = this.#client;
    const waiting = this.#unanswered;
    const instance = Buffer.from(instanceID).reverse().toString('hex');
    let allAnswered = () => {};
    this.#transport.onAnswer = (bytes) => {
      const answer = decodeAnswer(bytes, { secret: this.#secret });
      if (answer?.instance === instance) waiting.delete(answer.sequence);
      if (waiting.size === 0) allAnswered();
    };
    let delay = CONFIRM_MILLISECONDS;
    for (;;) {
      const timeout = Math.max(1, deadline - clock.monotonic());
      const outcome = await this.#transport.send([...waiting.values()], { timeout });
      if (outcome === 'arrived' || waiting.size === 0) return true;
      const left = deadline - clock.monotonic();
      if (outcome === 'refused' || left <= 0) return false;
      const answered = new Promise((resolve) => { allAnswered = resolve; });
      await this.#settledWithin(answered, Math.min(delay, left));
      if (waiting.size === 0) return true;
      delay = Math.min(2 * delay, CONFIRM_MILLISECONDS_MAX);
    }
  }

  /** Waits until `promise` is fulfilled, for this many milliseconds at most. */
  #settledWithin(promise, milliseconds) {
    return new Promise((resolve) => {
      const cancel = this.#client.clock.after(milliseconds, resolve);
      promise.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

module.exports = { Closing };
