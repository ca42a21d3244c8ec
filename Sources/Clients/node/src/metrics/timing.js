// Timers, and calls whose end is recorded.

'use strict';

const { performance } = require('node:perf_hooks');
const { isLabels } = require('./labels.js');

/**
 * Starts a timer. The function that it returns records the seconds since then and returns them. It
 * takes the labels that are known only at the end; `find` returns the series for them.
 */
function timer(find, record) {
  const start = performance.now();
  return (endLabels, exemplar) => {
    const seconds = (performance.now() - start) / 1000;
    record(find(isLabels(endLabels) ? endLabels : null), seconds, exemplar);
    return seconds;
  };
}

function setSeconds(series, seconds) {
  series.set(seconds);
}

function observeSeconds(series, seconds, exemplar) {
  series.observe(seconds, exemplar);
}

/**
 * Calls `work`, and then `done(isError, error)`. If `work` returns a promise, `done` waits for it.
 */
function during(work, done) {
  let result;
  try {
    result = work();
  } catch (error) {
    done(true, error);
    throw error;
  }
  if (typeof result?.then !== 'function') {
    done(false);
    return result;
  }
  return Promise.resolve(result).then((value) => {
    done(false);
    return value;
  }, (error) => {
    done(true, error);
    throw error;
  });
}

module.exports = { timer, setSeconds, observeSeconds, during };
