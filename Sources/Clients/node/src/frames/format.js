// The constants of a frame of Weir's push protocol, docs/protocol.md, and its signature.

'use strict';

const { createHmac } = require('node:crypto');

const MAGIC = [0xf7, 0x57];
const VERSION = 1;
const FLAGS = { signed: 1, final: 2, confirm: 4, answer: 128 };
const TAG_BYTES = 16;
/** The largest frame: what a UDP datagram can hold. */
const FRAME_BYTES_MAX = 65_507;

/** Record types by name. */
const RECORDS = {
  counter: 1, increment: 2, gauge: 3, gauge_add: 4, observations: 5, histogram: 6, exponential: 7,
  members: 8, sketch: 9, meta: 10, clock: 11,
};
const MERGES = { last: 0, sum: 1, min: 2, max: 3, avg: 4 };

/** The signature of a frame or an answer. */
function tag(bytes, secret) {
  return createHmac('sha256', secret).update(bytes).digest().subarray(0, TAG_BYTES);
}

module.exports = { MAGIC, VERSION, FLAGS, TAG_BYTES, FRAME_BYTES_MAX, RECORDS, MERGES, tag };
