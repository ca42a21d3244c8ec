// What all copies of the client in one process share.
//
// A bundler may put the client into several bundles of one process, each with its own copy of this
// module, so what they share is found by a symbol that is the same in all of them.

'use strict';

const REGISTRY = Symbol.for('weir.client');

/**
 * `client` is the one of `sharedClient`, `measured` the one that measures the process, and
 * `afterClose` the number of samples that came after the close of a client and that no client has
 * sent yet.
 */
function shared() {
  globalThis[REGISTRY] ??= { client: null, measured: null, afterClose: 0 };
  return globalThis[REGISTRY];
}

/** Counts a sample that came after the close of a client. */
function countAfterClose() {
  shared().afterClose = (shared().afterClose ?? 0) + 1;
}

/** The number of such samples since the last call. */
function takeAfterClose() {
  const { afterClose } = shared();
  if (afterClose > 0) shared().afterClose = 0;
  return afterClose;
}

module.exports = { REGISTRY, countAfterClose, shared, takeAfterClose };
