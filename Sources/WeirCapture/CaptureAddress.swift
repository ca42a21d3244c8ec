/// An IPv4 or IPv6 address with a port, as a packet has it.
package struct CaptureAddress: Hashable, Sendable {
  package enum Family: Sendable {
    case ipv4, ipv6
  }

  package let family: Family
  /// The first 64 bits of an IPv6 address; 0 for IPv4.
  package let high: UInt64
  /// The last 64 bits of an IPv6 address; an IPv4 address in the lower 32 bits.
  package let low: UInt64
  package let port: UInt16

  /// - Precondition: An IPv4 address has no bits above the lower 32.
  package init(family: Family, high: UInt64 = 0, low: UInt64, port: UInt16) {
    precondition(family == .ipv6 || high == 0 && low >> 32 == 0, "too long for an IPv4 address")
    self.family = family
    self.high = high
    self.low = low
    self.port = port
  }

  /// The IPv4 address `a.b.c.d`.
  package static func ipv4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> Self {
    let low = [a, b, c, d].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return CaptureAddress(family: .ipv4, low: low, port: port)
  }
}
