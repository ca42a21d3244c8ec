/// A UDP datagram of a capture.
package struct CapturedDatagram: Equatable, Sendable {
  /// Nanoseconds since 1970, 0 or more.
  package var nanoseconds: Int64
  package var source: CaptureAddress
  package var destination: CaptureAddress
  package var payload: [UInt8]

  package init(
    nanoseconds: Int64, source: CaptureAddress, destination: CaptureAddress, payload: [UInt8]
  ) {
    self.nanoseconds = nanoseconds
    self.source = source
    self.destination = destination
    self.payload = payload
  }
}
