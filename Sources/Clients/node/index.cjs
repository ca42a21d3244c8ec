// What the package exports, to CommonJS; index.mjs exports the same to ES modules.

'use strict';

const { Client, createClient, sharedClient } = require('./src/client/client.js');
const { decodeAnswer, encodeFrame } = require('./src/frames/codec.js');
const { defaultBounds, exponentialBounds, linearBounds } = require('./src/metrics/bounds.js');

module.exports = {
  Client,
  createClient,
  decodeAnswer,
  defaultBounds,
  encodeFrame,
  exponentialBounds,
  linearBounds,
  sharedClient,
};
