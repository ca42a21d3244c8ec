// What both transports need: the lifetime of a socket, and a way to send while the process exits.

'use strict';

const { Worker } = require('node:worker_threads');

/**
 * How long a socket or a connection is used. A new one follows a host whose address has changed,
 * and has another source port, which routers do not send along an old path.
 */
const RENEW_MILLISECONDS = 60_000;

/** The longest time that the exit of the process is delayed if there is no open socket. */
const EXIT_MILLISECONDS = 1000;

/**
 * Runs `source` in a thread until it calls `done`, and blocks this thread meanwhile. This is for
 * `exit`, because Node waits for nothing after it. Throws the error that `done` was called with.
 */
function runThread(source, data) {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const message = new Uint8Array(new SharedArrayBuffer(1024));
  const worker = new Worker(`
    const { data, state, message } = require('node:worker_threads').workerData;
    const done = (error) => {
      if (error) message.set(Buffer.from(String(error.message)).subarray(0, message.length));
      Atomics.store(state, 0, 1);
      Atomics.notify(state, 0);
    };
    ${source}`, {
    eval: true, execArgv: [], stdout: true, stderr: true, workerData: { data, state, message },
  });
  worker.unref();
  const isInTime = Atomics.wait(state, 0, 0, EXIT_MILLISECONDS) !== 'timed-out';
  const text = Buffer.from(message).toString().replace(/\0+$/, '');
  if (!isInTime) {
    throw new Error(`sending the last totals took longer than ${EXIT_MILLISECONDS} ms`);
  }
  if (text) throw new Error(text);
}

module.exports = { RENEW_MILLISECONDS, runThread };
