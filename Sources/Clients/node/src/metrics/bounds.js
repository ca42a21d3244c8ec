// Upper bounds of the buckets of histograms.

'use strict';

/** The upper bounds of Weir's own buckets, which suit durations in seconds. */
const defaultBounds = Object.freeze([
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
]);

/** The limit of a frame on the bounds of one histogram. */
const BOUNDS_MAX = 200;

/** The bounds of a histogram as they are sent; null stands for Weir's own. */
function histogramBounds(name, bounds) {
  if (bounds === undefined || bounds === null) return null;
  const own = typeof bounds[Symbol.iterator] === 'function'
    ? [...bounds].filter((bound) => bound !== Infinity) : [NaN];
  const isAscending = own.every(
    (bound, index) => Number.isFinite(bound) && (index === 0 || bound > own[index - 1]));
  if (!isAscending || own.length > BOUNDS_MAX) {
    throw new RangeError(
      `${name}: bounds must be finite, ascending, and at most ${BOUNDS_MAX}; for example `
      + '[0.1, 1, 10].');
  }
  return own.join() === defaultBounds.join() ? null : Object.freeze(own);
}

/** `count` upper bounds that begin at `start`, each `width` above the one before. */
function linearBounds(start, width, count) {
  if (!Number.isFinite(start) || !(width > 0) || !isCount(count)) {
    throw new RangeError(
      'linearBounds(start, width, count): start must be a number, width above 0, and count from 1 '
      + `to ${BOUNDS_MAX}.`);
  }
  return Array.from({ length: count }, (_, index) => rounded(start + width * index));
}

/** `count` upper bounds that begin at `start`, each `factor` times the one before. */
function exponentialBounds(start, factor, count) {
  if (!(start > 0) || !(factor > 1) || !isCount(count)) {
    throw new RangeError(
      'exponentialBounds(start, factor, count): start must be above 0, factor above 1, and count '
      + `from 1 to ${BOUNDS_MAX}.`);
  }
  return Array.from({ length: count }, (_, index) => rounded(start * factor ** index));
}

function isCount(value) {
  return Number.isInteger(value) && value >= 1 && value <= BOUNDS_MAX;
}

/** As a person would write it: 0.3 rather than 0.30000000000000004. */
function rounded(bound) {
  return Number(bound.toPrecision(15));
}

module.exports = { defaultBounds, histogramBounds, linearBounds, exponentialBounds };
