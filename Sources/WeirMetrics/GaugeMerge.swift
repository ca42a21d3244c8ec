/// How the values of several owners of a gauge are merged. The numbers are those of the push
/// protocol.
@usableFromInline
package enum GaugeMerge: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// The value that was set last, by the senders' clocks.
  case last = 0
  case sum = 1
  case min = 2
  case max = 3
  case avg = 4
}
