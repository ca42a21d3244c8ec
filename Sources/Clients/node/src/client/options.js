// Checks of a client's options.

'use strict';

const { constants: osConstants } = require('node:os');
const { FRAME_BYTES_MAX } = require('../frames/format.js');
const { isLabels } = require('../metrics/labels.js');
const { checkOptions } = require('../metrics/options.js');

const CLIENT_OPTIONS = [
  'address', 'url', 'ca', 'timeout', 'labels', 'instance', 'key', 'flushInterval', 'seriesMax',
  'frameBytesMax', 'processMetrics', 'defaultMetrics', 'perProcessCpu', 'signals', 'onError',
  'lookup', 'clock', 'transport',
];

/** Throws if an option is unknown or not valid. */
function checkClientOptions(options) {
  checkOptions('createClient', options, CLIENT_OPTIONS);
  const check = (name, isRight, remedy) => {
    const value = options[name];
    if (value === undefined || isRight(value)) return;
    throw new RangeError(`${name} ${String(value)}: use ${remedy}.`);
  };
  const isBoolean = (value) => typeof value === 'boolean';
  const isWithin = (least, most) => (value) => (
    typeof value === 'number' && value >= least && value <= most);
  const isFunction = (value) => typeof value === 'function';
  check('flushInterval', (value) => value === 0 || isWithin(100, 10_000)(value),
    'milliseconds from 100 to 10000, or 0 to flush by hand');
  check('seriesMax', (value) => Number.isInteger(value) && value >= 1,
    'a whole number of at least 1');
  check('frameBytesMax', isWithin(256, FRAME_BYTES_MAX),
    `bytes from 256 to ${FRAME_BYTES_MAX}`);
  check('timeout', isWithin(1, 600_000), 'milliseconds from 1 to 600000');
  check('instance', (value) => typeof value === 'string' && value !== '',
    'a string that is not empty');
  check('labels', isLabels, "an object, such as { service: 'gateway' }");
  for (const name of ['processMetrics', 'defaultMetrics', 'perProcessCpu']) {
    check(name, isBoolean, 'true or false');
  }
  for (const name of ['onError', 'lookup']) check(name, isFunction, 'a function');
  if (options.url !== undefined && options.address !== undefined) {
    throw new TypeError('url and address: give only one of them.');
  }
  if (options.processMetrics === false && options.defaultMetrics) {
    throw new TypeError('defaultMetrics needs processMetrics; remove processMetrics: false.');
  }
}

/** The names of signals that the option `signals` selects. */
function signalNames(signals = false) {
  if (typeof signals === 'boolean') return signals ? ['SIGTERM', 'SIGINT'] : [];
  const names = Array.isArray(signals) ? signals : [signals];
  for (const name of names) {
    if (Object.hasOwn(osConstants.signals, name)) continue;
    throw new TypeError(
      `signals: "${String(name)}" is not a signal; use true, or ['SIGTERM', 'SIGINT'].`);
  }
  return names;
}

function signingKey(key) {
  if (!key) return null;
  const bytes = Buffer.byteLength(key.id ?? '');
  if (bytes < 1 || bytes > 32 || !key.secret?.length) {
    throw new TypeError(
      'key: use { id, secret }, with an id of 1 to 32 bytes and a secret that is not empty.');
  }
  return { id: key.id, secret: key.secret };
}

module.exports = { checkClientOptions, signalNames, signingKey };
