import WeirBytes
import WeirPush
import WeirSockets
import WeirWire

/// The packets of one pipeline. Only the pipeline and the flush use it, so that its lock is nearly always free.
final class LineRelayPacker: Sendable {
  struct Taken: Sendable {
    /// Nil if no packet was taken.
    var lines: PackedLines?
    var longLines: Int
  }

  private let packer: Locked<LinePacker>

  init(packetBytes: Int) { packer = Locked(LinePacker(packetBytes: packetBytes)) }

  /// Packs the lines of a batch, and takes out what is full.
  ///
  /// Left out is what is not read as lines: messages of sources that are not allowed, text at a listener
  /// that accepts none, and frames of the push protocol.
  func add(
    _ messages: borrowing some MessageBatch & ~Copyable, admission: ListenerFilter
  ) -> Taken {
    guard admission.takesText else { return Taken(longLines: 0) }
    return packer.withLock { packer in
      for index in 0..<messages.count where admission.admits(index, of: messages) {
        let range = messages.range(of: index)
        let part = messages.partBytes(of: index)
        var start = range.lowerBound
        while start < range.upperBound {
          let end = min(start + part, range.upperBound)
          let isFrame =
            messages.holdsFrames && PushDecoder.isFrame(messages.bytes, from: start, to: end)
          if !isFrame {
            packer.append(messages.bytes, from: start, to: end)
          }
          start = end
        }
      }
      return LineRelayPacker.take(&packer, open: false)
    }
  }

  /// Takes out what is full; with `open`, all.
  func take(open: Bool) -> Taken {
    packer.withLock { LineRelayPacker.take(&$0, open: open) }
  }

  private static func take(_ packer: inout LinePacker, open: Bool) -> Taken {
    Taken(lines: packer.take(open: open), longLines: packer.takeLongLines())
  }
}
