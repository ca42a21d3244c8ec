import WeirAggregation
import WeirPush

/// `/debug/instances`: the instances that push, and how many of their frames have arrived.
struct InstancesPage: Sendable {
  /// Instances shown. Those with most frames lost come first, so that healthy ones are left out.
  static let instancesMax = 1_000

  let status: Status.Instances

  init(_ status: Status.Instances) { self.status = status }

  /// Plain text: a line for each instance after a line that names the columns.
  var text: String {
    var lines = [
      "\(status.shown.count) of \(status.known) instances, those with most frames lost or missing "
        + "first.",
      "instance          started        state     silent_s  series  received   missing  late"
        + "       duplicate  lost",
    ]
    for instance in status.shown {
      lines.append(
        [
          RefusedPage.text(instance.id), "\(instance.id.startMilliseconds)".padded(13),
          state(instance).padded(8), "\(instance.silentSeconds)".padded(8),
          "\(instance.series)".padded(6), "\(instance.received)".padded(9),
          "\(instance.missing)".padded(7), "\(instance.late)".padded(9),
          "\(instance.duplicates)".padded(9), "\(instance.lost)",
        ].joined(separator: "  "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func state(_ instance: InstanceReading) -> String {
    instance.isRetired ? "absorbed" : instance.isFinished ? "ended" : "live"
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
