// Sends frames in the bodies of HTTP requests, for hosts that have no UDP.

'use strict';

const http = require('node:http');
const https = require('node:https');
const { ByteWriter, varintBytes } = require('../frames/byte-writer.js');
const { RENEW_MILLISECONDS, runThread } = require('./common.js');

/** The largest body that Weir accepts, in bytes. */
const BODY_BYTES_MAX = 1_048_576;
/**
 * Larger than a datagram, so that more records share strings. A refused frame is still only a part.
 */
const HTTP_FRAME_BYTES = 16_384;
/** The number of characters of an answer that are kept for the error. */
const ANSWER_CHARACTERS_MAX = 500;
const HTTP_HEADERS = { 'Content-Type': 'application/vnd.weir.push' };

class RequestTransport {
  frameBytesMax = HTTP_FRAME_BYTES;
  answersComeBySocket = false;
  #url;
  #module;
  #options;
  #timeout;
  #clock;
  #onError;
  #agent = null;
  #agentSince = -Infinity;
  #inFlight = 0;

  constructor(url, { timeout = 5000, ca, clock, onError }) {
    try {
      this.#url = new URL(url);
    } catch {
      throw new TypeError(
        `url "${url}": use http://HOST:PORT/api/v1/push, with a port from 1 to 65535.`);
    }
    if (!['http:', 'https:'].includes(this.#url.protocol)) {
      throw new TypeError(`url: "${this.#url.protocol}" is not supported; use http: or https:.`);
    }
    this.#module = this.#url.protocol === 'https:' ? https : http;
    this.#options = { method: 'POST', ca };
    this.#clock = clock;
    const { username, password } = this.#url;
    if (username || password) {
      this.#options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      this.#url.username = '';
      this.#url.password = '';
    }
    this.#timeout = timeout;
    this.#onError = onError;
  }

  /** Resolves to `arrived`, `refused` (sending it again would not help) or `unknown`. */
  async send(frames, { holdsProcess = true, timeout = this.#timeout } = {}) {
    let outcome = 'arrived';
    for (const body of bodies(frames)) {
      try {
        const { status, text } = await this.#post(body, holdsProcess, timeout);
        if (status >= 200 && status < 300) continue;
        this.#onError(new Error(`${this.#url.href} answered ${status}: ${text}`));
        outcome = status === 400 ? 'refused' : 'unknown';
      } catch (error) {
        this.#onError(error);
        return 'unknown';
      }
    }
    return outcome;
  }

  /** Posts the frames before it returns, for `exit`. */
  sendNow(frames) {
    try {
      runThread(`
        const bodies = data.bodies.map((body) => Buffer.from(body));
        const next = () => {
          const body = bodies.shift();
          if (!body) return done();
          const headers = { ...data.headers, 'Content-Length': body.length };
          const { request } = require(data.url.startsWith('https:') ? 'node:https' : 'node:http');
          const posting = request(data.url, { ...data.options, headers }, (response) => {
            const { statusCode } = response.resume();
            if (statusCode < 200 || statusCode > 299) {
              return done(new Error(data.url + ' answered ' + statusCode));
            }
            response.on('end', next);
          });
          posting.on('error', done);
          posting.end(body);
        };
        next();`, {
        bodies: [...bodies(frames)], headers: HTTP_HEADERS, options: this.#options,
        url: this.#url.href,
      });
    } catch (error) {
      this.#onError(error);
    }
  }

  close() {
    this.#agent?.destroy();
  }

  /** The agent that holds the connection. It is replaced after a minute, as sockets are. */
  #connection() {
    const isOld = this.#clock.monotonic() - this.#agentSince >= RENEW_MILLISECONDS;
    if (isOld && this.#inFlight === 0) {
      this.#agent?.destroy();
      this.#agent = new this.#module.Agent({ keepAlive: true, maxSockets: 1 });
      this.#agentSince = this.#clock.monotonic();
    }
    return this.#agent;
  }

  async #post(body, holdsProcess, timeout) {
    const agent = this.#connection();
    this.#inFlight += 1;
    try {
      return await this.#exchange(agent, body, holdsProcess, timeout);
    } catch (error) {
      // A server closes a connection that was idle for long, and all when it restarts. The first
      // request after that finds it closed. Totals that arrive twice do no harm.
      if (!error.onClosedConnection) throw error;
      return await this.#exchange(agent, body, holdsProcess, timeout);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #exchange(agent, body, holdsProcess, timeout) {
    return new Promise((resolve, fail) => {
      let isAnswered = false;
      let isLate = false;
      const reject = (error) => {
        error.onClosedConnection = request.reusedSocket && !isAnswered && !isLate;
        fail(error);
      };
      const headers = { ...HTTP_HEADERS, 'Content-Length': body.length };
      const options = { ...this.#options, agent, headers };
      const request = this.#module.request(this.#url, options, (response) => {
        isAnswered = true;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => { text = (text + part).slice(0, ANSWER_CHARACTERS_MAX); });
        response.on('end', () => resolve({ status: response.statusCode, text: text.trim() }));
        response.on('error', reject);
      });
      // For the whole request, unlike the timeout of a socket, which is for the time between two
      // bytes.
      const timer = setTimeout(() => {
        isLate = true;
        request.destroy(new Error(`${this.#url.href} did not answer within ${timeout} ms`));
      }, timeout);
      if (!holdsProcess) {
        timer.unref();
        request.on('socket', (socket) => socket.unref());
      }
      request.on('error', reject);
      request.on('close', () => {
        clearTimeout(timer);
        reject(new Error(`${this.#url.href} closed the connection`));
      });
      request.end(body);
    });
  }
}

/** The bodies of requests that hold the frames, each after its length. */
function* bodies(frames) {
  let writer = new ByteWriter();
  for (const frame of frames) {
    if (writer.length + frame.length + varintBytes(frame.length) > BODY_BYTES_MAX) {
      yield writer.bytes.subarray(0, writer.length);
      writer = new ByteWriter();
    }
    writer.varint(frame.length);
    writer.append(frame);
  }
  yield writer.bytes.subarray(0, writer.length);
}

module.exports = { RequestTransport };
