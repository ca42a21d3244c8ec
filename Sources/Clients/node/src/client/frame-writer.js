// Puts what is to be sent into frames, one after another.

'use strict';

const { FRAME_BYTES_MAX } = require('../frames/format.js');
const { FrameBuilder } = require('../frames/frame-builder.js');

class FrameWriter {
  /** The sequence of the last frame. */
  sequence = 0;
  /** When frames were last made, by the monotonic clock. */
  lastSentAt = -Infinity;
  #client;
  #key;
  #frameBytesMax;
  /** The instance's age at the last flush. */
  #ageBefore = 0;
  #builder = new FrameBuilder();

  constructor(client, { key, frameBytesMax }) {
    this.#client = client;
    this.#key = key;
    this.#frameBytesMax = frameBytesMax;
  }

  /** The frames of the records of `sent`; one without records if there are none. */
  write(sent, flags) {
    const { clock, commonLabels, instanceID, stats } = this.#client;
    const frames = [];
    const age = clock.elapsed();
    const wall = clock.now();
    const time = { age, wall, ageBefore: this.#ageBefore };
    const builder = this.#builder;
    const begin = () => builder.begin({
      instance: instanceID, start: clock.start, sequence: this.sequence + 1, age,
      key: this.#key, common: [...commonLabels], sent: Math.floor(wall), ...flags,
    });
    const end = () => {
      this.sequence += 1;
      frames.push(builder.finish());
    };
    begin();
    for (const each of sent) {
      const record = each.record(time);
      if (builder.add(record, this.#frameBytesMax)) continue;
      if (builder.recordCount > 0) {
        end();
        begin();
      }
      // A record that is too long for a frame of the usual size gets its own frame.
      builder.add(record, FRAME_BYTES_MAX);
    }
    end();
    this.#ageBefore = age;
    this.lastSentAt = clock.monotonic();
    stats.framesSent += frames.length;
    for (const frame of frames) stats.bytesSent += frame.length;
    return frames;
  }
}

module.exports = { FrameWriter };
