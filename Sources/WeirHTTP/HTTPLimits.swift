/// The limits of the HTTP server. Tests set their own.
package struct HTTPLimits: Sendable {
  /// Open connections. Far more than scrapers and people need. Their buffers (under 32 KiB each
  /// while a request arrives) stay under 16 MiB.
  package var connectionsMax = 512

  /// Bytes of a request line with all its header lines. Prometheus sends under 1 KiB; 8 KiB is the
  /// limit of most servers.
  package var requestHeadBytesMax = 8_192

  /// Header lines of a request. Prometheus sends under 10.
  package var headersMax = 100

  /// Bytes of a request body that are read and discarded, so that the connection stays usable after
  /// a mistaken POST. A longer body is answered with 413.
  package var requestBodyBytesMax = 65_536

  /// Bytes of all accepted bodies that are being received or handled: 16 of the longest. If it is
  /// exceeded, a stalled body is evicted; if none is stalled, the request is answered with 503.
  package var bodyBytesInFlightMax = 16 << 20

  /// Seconds to receive an accepted body, from the last byte of the head: 1 MiB at 35 KB/s.
  package var bodyReadSecondsMax = 30.0

  /// Bytes of all extensions in a chunked body. They have no meaning here.
  package var chunkExtensionBytesMax = 1_024

  /// Seconds from the first byte of a request to the last. Protects against clients that send a
  /// byte from time to time to hold a connection.
  package var headReadSecondsMax = 10.0

  /// Seconds that a connection may be idle between requests. Above the usual scrape intervals, so
  /// that Prometheus keeps its connection.
  package var idleSecondsMax = 120.0

  /// Seconds without the client reading a byte of its response: Prometheus' default scrape timeout.
  package var writeStallSecondsMax = 10.0

  /// Seconds for a whole response. Protects against clients that read slowly. Above the usual
  /// scrape timeouts.
  package var responseSecondsMax = 60.0

  /// Requests in flight: those whose handler runs or whose response is not completely sent. Each
  /// may hold a few hundred KiB in memory. If the limit is reached, the client that has read
  /// nothing for the longest time is disconnected; if all of them read, the new request is answered
  /// with 503. More than any realistic number of Prometheus servers.
  package var requestsInFlightMax = 40

  /// Unsent bytes of all responses in flight; a single response may be longer. If it is exceeded,
  /// the same happens as for `requestsInFlightMax`.
  package var responseBytesInFlightMax = 512 << 20

  /// Unsent bytes of a streamed body up to which the next piece is requested: enough for the kernel
  /// to send in the meantime.
  package var streamedBytesMax = 128 << 10

  /// Bytes of a body that is made whole for a client of HTTP/1.0: half a million series. Whoever has more
  /// reads it with HTTP/1.1, as Prometheus does.
  package var wholeBytesMax = 64 << 20

  /// Bodies that are made whole at once. Prometheus itself never asks for one.
  package var wholeBodiesMax = 2

  /// Seconds without progress after which a client may be evicted to make room for another.
  package var yieldStallSecondsMin = 1.0

  /// Seconds to wait for the client to close after the last response. If a connection is closed
  /// while data of the client is unread, TCP resets it and the client may lose the response.
  package var lingerSecondsMax = 2.0

  /// Seconds until the next attempt to accept if the process has no descriptor left.
  package var acceptPauseSeconds = 0.1

  /// Bytes sent on one connection before other connections are served.
  package var turnBytesMax = 1 << 20

  /// Bytes received by one read: two heads.
  package var readBytesMax = 16_384

  package init() {}

  /// Seconds between checks of all deadlines: a quarter of the shortest limit, at most one second.
  var sweepSeconds: Double {
    let shortest = min(
      headReadSecondsMax, bodyReadSecondsMax, idleSecondsMax, writeStallSecondsMax,
      responseSecondsMax,
      lingerSecondsMax)
    return min(max(shortest / 4, 0.01), 1)
  }
}
