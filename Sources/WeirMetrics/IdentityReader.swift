import WeirBytes

/// Reads the name and labels out of a sample's identity bytes.
///
/// Asked only when an identity is seen for the first time; afterwards its bytes alone find the
/// series.
package protocol IdentityReader: Sendable {
  /// Fills `series`, up to and with `SeriesBuilder.finish`.
  func read(
    _ sample: Sample, in bytes: Span<UInt8>, into series: inout SeriesBuilder
  ) throws(Refusal)
}
