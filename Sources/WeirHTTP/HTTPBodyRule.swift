/// What a path accepts of a request's body.
package struct HTTPBodyRule: Sendable, Equatable {
  /// The longest body, as it is sent. Must not exceed `HTTPLimits.bodyBytesInFlightMax`, or the longest bodies
  /// are always refused.
  package let bytesMax: Int
  /// Whether it may be compressed. The handler then unpacks it (`HTTPRequest.unpackedBody`).
  package let acceptsGzip: Bool

  /// Whether a request without any length has an empty body, as RFC 9112 (6.3) says. Otherwise it is refused.
  package let mayBeMissing: Bool

  package init(bytesMax: Int, acceptsGzip: Bool = false, mayBeMissing: Bool = false) {
    precondition(bytesMax >= 0, "a body has no negative length")
    self.bytesMax = bytesMax
    self.acceptsGzip = acceptsGzip
    self.mayBeMissing = mayBeMissing
  }
}
