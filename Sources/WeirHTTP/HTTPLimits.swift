/// What the server grants its clients. Tests inject their own.
package struct HTTPLimits: Sendable {
  /// Open connections. Far more than scrapers and people need, and few enough that their buffers
  /// (below 32 KiB each while a request comes in) stay under 16 MiB.
  package var connectionsMax = 512

  /// Bytes of a request line with all its header lines. Prometheus sends under 1 KiB; 8 KiB is what
  /// most servers grant.
  package var requestHeadBytesMax = 8_192

  /// Header lines of a request. Prometheus sends under 10.
  package var headersMax = 100

  /// Bytes of a request body that are read and thrown away, so that the connection stays usable
  /// after a POST by mistake. A longer body is answered with 413.
  package var requestBodyBytesMax = 65_536

  /// Bytes of all bodies together that are being received or handled, where they are not thrown
  /// away: 16 of the longest. Beyond, a body that stands still makes room, or else 503 is answered.
  package var bodyBytesInFlightMax = 16 << 20

  /// Seconds for a body that is not thrown away, from the last byte of the head: 1 MiB at 35 KB a
  /// second.
  package var bodyReadSecondsMax = 30.0

  /// Bytes of a chunked body's extensions, which mean nothing: what is between its sizes and their
  /// line ends.
  package var chunkExtensionBytesMax = 1_024

  /// Seconds from the first byte of a request to its last. Against clients that send a byte now and
  /// then to hold a connection.
  package var headReadSecondsMax = 10.0

  /// Seconds that a connection may wait between requests. Above the scrape intervals in use, so
  /// that Prometheus keeps its connection.
  package var idleSecondsMax = 120.0

  /// Seconds without the client taking a byte of its response: Prometheus' default scrape timeout.
  package var writeStallSecondsMax = 10.0

  /// Seconds for a whole response, against a client that takes it in drops. Longer than any scrape
  /// timeout in use.
  package var responseSecondsMax = 60.0

  /// Requests whose handler runs or whose response is not yet written; each may hold some hundred
  /// KiB of a page in memory. A further one takes the place of the client that has taken nothing for longest,
  /// or, where all of them read on, is answered with 503. Beyond any number of Prometheus servers.
  package var requestsInFlightMax = 40

  /// Bytes of all responses in flight together. One alone may be longer; beyond, the same holds as
  /// beyond `requestsInFlightMax`.
  package var responseBytesInFlightMax = 512 << 20

  /// Bytes of a streamed body that may wait for their reader when the next piece is asked for: enough
  /// that the kernel has something to send meanwhile.
  package var streamedBytesMax = 128 << 10

  /// Seconds without taking a byte after which a client may have to make room for another.
  package var yieldStallSecondsMin = 1.0

  /// Seconds to wait for the client's end after the last response. A connection closed while bytes
  /// of the client are unread is reset, and the client may lose the response to that.
  package var lingerSecondsMax = 2.0

  /// Seconds before the next try, when the process has no descriptor left for a connection.
  package var acceptPauseSeconds = 0.1

  /// Bytes sent on one connection before the others get their turn.
  package var turnBytesMax = 1 << 20

  /// Bytes taken from a connection by one read: two heads.
  package var readBytesMax = 16_384

  package init() {}

  /// Seconds between looks at the clocks of all connections: fine enough for the shortest limit,
  /// and at most one a second.
  var sweepSeconds: Double {
    let shortest = min(
      headReadSecondsMax, bodyReadSecondsMax, idleSecondsMax, writeStallSecondsMax,
      responseSecondsMax,
      lingerSecondsMax)
    return min(max(shortest / 4, 0.01), 1)
  }
}
