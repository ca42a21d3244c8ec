import WeirAggregation
import WeirPush

/// `/debug/instances`: who pushes, and what of it has arrived.
struct InstancesPage: Sendable {
  /// Instances shown. With most frames lost first, those left out are the well.
  static let instancesMax = 1_000

  let owners: Owners

  /// Plain text, a line for each instance under a line that names the columns.
  func text() -> String {
    let shown = owners.instances(max: InstancesPage.instancesMax)
    let known = owners.totals().instances
    var lines = [
      "\(shown.count) of \(known) instances, those with most frames lost or missing first.",
      "instance          started        state     silent_s  series  received   missing  late"
        + "       duplicate  lost",
    ]
    for instance in shown {
      lines.append(
        [
          hexadecimal(instance.id.number).padded(16), "\(instance.id.startMilliseconds)".padded(13),
          state(instance).padded(8), "\(instance.silentSeconds)".padded(8),
          "\(instance.series)".padded(6), "\(instance.received)".padded(9),
          "\(instance.missing)".padded(7), "\(instance.late)".padded(9),
          "\(instance.duplicates)".padded(9), "\(instance.lost)",
        ].joined(separator: "  "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func state(_ instance: InstanceReading) -> String {
    instance.isAbsorbed ? "absorbed" : instance.isFinished ? "ended" : "live"
  }

  private func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
