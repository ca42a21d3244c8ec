// Closes a client when its process ends.

'use strict';

const { REGISTRY } = require('./shared.js');

/**
 * Listens for the end of the process, and for `signals`. Returns a function that stops listening.
 */
function closeAtExit(client, closing, signals) {
  const listeners = [];
  const on = (event, listener) => {
    process.on(event, listener);
    listeners.push([event, listener]);
  };
  on('beforeExit', () => client.close());
  on('exit', () => closing.closeNow());
  for (const signal of signals) {
    const listener = async () => {
      // If the application handles the signal, it ends the process itself, and `exit` comes later.
      if (process.listeners(signal).some((other) => !other[REGISTRY])) return client.flush();
      await client.close();
      // The listener is removed by now, so the signal ends the process. If another client still
      // listens, that client ends the process.
      process.kill(process.pid, signal);
    };
    listener[REGISTRY] = true;
    on(signal, listener);
  }
  return () => {
    for (const [event, listener] of listeners) process.off(event, listener);
  };
}

module.exports = { closeAtExit };
