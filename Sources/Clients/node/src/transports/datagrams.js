// Sends frames as UDP datagrams. Only answers show whether they have arrived.

'use strict';

const dgram = require('node:dgram');
const dns = require('node:dns/promises');
const { isIP } = require('node:net');
const { RENEW_MILLISECONDS, runThread } = require('./common.js');

/** A datagram of this size passes an Ethernet with a tunnel or two without fragmentation. */
const DATAGRAM_BYTES = 1432;

/** How long the client waits before it tries again to open a socket. */
const REOPEN_MILLISECONDS = 1000;

class DatagramTransport {
  frameBytesMax = DATAGRAM_BYTES;
  answersComeBySocket = true;
  /** Called with each datagram that comes back. */
  onAnswer = () => {};
  #host;
  #port;
  #lookup;
  #clock;
  #onError;
  /** The address that the last look-up found, and its family. */
  #found = null;
  #socket = null;
  #finding = null;
  #triedAt = -Infinity;
  #isClosed = false;

  constructor(address, { clock, lookup = (host) => dns.lookup(host), onError }) {
    ({ host: this.#host, port: this.#port } = hostAndPort(address));
    this.#lookup = lookup;
    this.#clock = clock;
    this.#onError = onError;
    this.#renew();
  }

  async send(frames) {
    const finding = this.#renew();
    // While there is a socket, a slow look-up delays nothing.
    if (!this.#socket) await finding;
    const socket = this.#socket;
    if (socket) await Promise.all(frames.map((frame) => this.#hand(socket, frame)));
    return 'unknown';
  }

  /** Hands the frames to the kernel before it returns, for `exit`. */
  sendNow(frames) {
    try {
      if (!this.#socket) return this.#sendFromThread(frames);
      for (const frame of frames) this.#socket.send(frame, () => {});
    } catch (error) {
      this.#onError(error);
    }
  }

  close() {
    this.#isClosed = true;
    this.#socket?.close();
    this.#socket = null;
  }

  #hand(socket, frame, isSecondTry = false) {
    return new Promise((resolve) => {
      socket.send(frame, (error) => {
        if (!error) return resolve();
        this.#onError(error);
        // The refusal is of an earlier datagram: the kernel reports it instead of sending this one.
        const isOld = error.code === 'ECONNREFUSED' && !isSecondTry && socket === this.#socket;
        resolve(isOld ? this.#hand(socket, frame, true) : undefined);
      });
    });
  }

  /**
   * Opens a socket, or a new one when the old one is due. Returns the look-up to wait for, if any.
   */
  #renew() {
    const wait = this.#socket ? RENEW_MILLISECONDS : REOPEN_MILLISECONDS;
    const now = this.#clock.monotonic();
    if (this.#finding || this.#isClosed || now - this.#triedAt < wait) return this.#finding;
    this.#triedAt = now;
    const family = isIP(this.#host);
    if (family) this.#open({ address: this.#host, family });
    else this.#finding = this.#find().finally(() => { this.#finding = null; });
    return this.#finding;
  }

  /** Never rejects: without a socket nothing is sent, and a later flush tries again. */
  async #find() {
    try {
      this.#found = await this.#lookup(this.#host);
    } catch (error) {
      this.#onError(error);
    }
    if (this.#found && !this.#isClosed) this.#open(this.#found);
  }

  /** Opens a socket before it returns, so that a process that exits at once can still send. */
  #open({ address, family }) {
    let socket;
    try {
      socket = dgram.createSocket({
        type: family === 6 ? 'udp6' : 'udp4',
        // It is given addresses only, and unlike Node's own it does not wait for the event loop.
        lookup: (host, ...rest) => rest.at(-1)(null, host, family),
      });
      socket.on('error', this.#onError);
      socket.on('message', (bytes) => this.onAnswer(bytes));
      socket.unref();
      socket.connect(this.#port, address, (error) => {
        if (error) this.#onError(error);
      });
      // Throws if the socket is not connected; the function above gets the reason.
      socket.remoteAddress();
    } catch (error) {
      if (error.code !== 'ERR_SOCKET_DGRAM_NOT_CONNECTED') this.#onError(error);
      return socket?.close();
    }
    this.#socket?.close();
    this.#socket = socket;
  }

  /** For a process that exits before the look-up of the server's name has ended. */
  #sendFromThread(frames) {
    runThread(`
      require('node:dns').lookup(data.host, (error, address, family) => {
        if (error) return done(error);
        const socket = require('node:dgram').createSocket(family === 6 ? 'udp6' : 'udp4');
        socket.on('error', done);
        let left = data.frames.length;
        for (const frame of data.frames) {
          socket.send(frame, data.port, address, (error) => {
            left -= 1;
            if (error || left === 0) done(error);
          });
        }
      });`, { host: this.#host, port: this.#port, frames });
  }
}

function hostAndPort(address) {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  if (port === undefined) {
    throw new TypeError(`address "${address}": use HOST:PORT or [IPV6]:PORT.`);
  }
  if (!(port >= 1 && port <= 65_535)) {
    throw new RangeError(`address "${address}": use a port from 1 to 65535.`);
  }
  return { host: bracketed ?? plain, port: Number(port) };
}

module.exports = { DatagramTransport };
