// Whole frames and answers, from and to the meanings that docs/protocol-vectors.json gives them.

'use strict';

const { timingSafeEqual } = require('node:crypto');
const { FLAGS, FRAME_BYTES_MAX, MAGIC, TAG_BYTES, VERSION, tag } = require('./format.js');
const { FrameBuilder } = require('./frame-builder.js');

/**
 * The bytes of a frame with the meaning `frame`, in the form of docs/protocol-vectors.json. The
 * client sends what the same builder makes.
 */
function encodeFrame(frame, { keys = {} } = {}) {
  const key = frame.key ? { id: frame.key, secret: keys[frame.key] } : null;
  if (key && key.secret === undefined) throw new TypeError(`keys has no secret for "${key.id}".`);
  const builder = new FrameBuilder();
  builder.begin({
    instance: Buffer.from(frame.instance, 'hex').reverse(), start: frame.start_ms,
    sequence: whole(frame.sequence), age: whole(frame.age_ms), final: frame.final,
    confirm: frame.confirm, key, common: frame.common,
  });
  for (const record of frame.records) {
    if (!builder.add(record, FRAME_BYTES_MAX)) {
      throw new RangeError(`the frame exceeds the limit of ${FRAME_BYTES_MAX} bytes.`);
    }
  }
  return builder.finish();
}

/** JSON cannot hold whole numbers above 2^53, so they are strings of digits. */
function whole(number) {
  return typeof number === 'string' ? BigInt(number) : number;
}

/**
 * Reads the answer to a frame: `{ instance, sequence }`, the instance as 16 hex digits. Null if the
 * bytes are not an answer, or if a secret is given and the signature is missing or wrong.
 */
function decodeAnswer(bytes, { secret } = {}) {
  const end = bytes.length - (secret === undefined ? 0 : TAG_BYTES);
  if (end < 13 || bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1] || bytes[2] !== VERSION) {
    return null;
  }
  if (bytes[3] !== (FLAGS.answer | (secret === undefined ? 0 : FLAGS.signed))) return null;
  const body = bytes.subarray(0, end);
  if (secret !== undefined && !timingSafeEqual(bytes.subarray(end), tag(body, secret))) return null;
  let sequence = 0;
  for (let index = 12, scale = 1; index < end; index += 1, scale *= 128) {
    sequence += (body[index] & 127) * scale;
    if (body[index] < 128) {
      return { instance: Buffer.from(body.subarray(4, 12)).reverse().toString('hex'), sequence };
    }
  }
  return null;
}

module.exports = { encodeFrame, decodeAnswer };
