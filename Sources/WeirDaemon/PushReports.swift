import Glibc
import WeirMetrics
import WeirPush
import WeirSockets

/// Refused pushed frames and records, for `/debug/refused` and the log.
struct PushReports {
  /// A refused frame, or a refused record of an accepted frame.
  struct Entry: Sendable {
    let time: timespec
    /// Nil if the connection does not provide it.
    let sender: MessageSource?
    /// Nil if the frame ended before its instance.
    let instance: InstanceID?
    let isRecord: Bool
    let reason: StaticString
    /// The metric of a record; nil if it is not known.
    let name: [UInt8]?
  }

  private(set) var entries: [Entry] = []
  private let time: timespec
  var sender: MessageSource?

  init(peer sender: SocketAddress? = nil, at time: timespec) {
    self.sender = sender.map(MessageSource.address)
    self.time = time
  }

  /// Whether there are as many entries as are shown.
  var isFull: Bool { entries.count >= RefusedPushes.keptMax }

  mutating func addFrame(of pipeline: borrowing PushPipeline, _ refusal: PushRefusal) {
    add(pipeline.instance, isRecord: false, refusal.label, name: nil)
  }

  /// Adds the refused records of the frame that the pipeline accepted last.
  mutating func addRecords(of pipeline: borrowing PushPipeline, _ bytes: Span<UInt8>) {
    guard pipeline.hasRefusedRecords, !isFull else { return }
    for record in pipeline.refusedRecords(bytes) {
      add(pipeline.instance, isRecord: true, record.reason, name: record.name)
    }
  }

  private mutating func add(
    _ instance: InstanceID?, isRecord: Bool, _ reason: StaticString, name: [UInt8]?
  ) {
    guard !isFull else { return }
    entries.append(
      Entry(
        time: time, sender: sender, instance: instance, isRecord: isRecord, reason: reason,
        name: name))
  }
}
