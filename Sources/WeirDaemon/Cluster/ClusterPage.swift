import Glibc
import WeirBytes
import WeirCluster

/// `/debug/cluster`: this node, its connection, and the others, as text.
struct ClusterPage {
  let text: String

  init(_ reading: Cluster.Reading, unreadiness: String?) {
    var lines: [String] = []
    lines.append("this node: " + (unreadiness ?? "ready"))
    lines.append("message: \(reading.standing.sequence), \(reading.quietSeconds) s ago")
    let connection = reading.connection
    lines.append(
      connection.isConnected
        ? "NATS: \(connection.server ?? "unknown"), version \(connection.version ?? "unknown"), "
          + "\(connection.reconnects) reconnects"
        : "NATS: not connected; \(connection.fault ?? "it tries again")")
    lines.append(
      "scrapes: \(reading.meter.barriers) waited for their marker, \(reading.meter.barriersFailed) in vain"
    )
    lines.append(
      reading.isDiverged
        ? "views: two nodes show different series, which must not happen" : "views: the same")
    let meter = reading.meter
    lines.append(
      "last marker: "
        + (meter.lastMarkerSeconds > 0
          ? ClusterPage.time(UInt64(meter.lastMarkerSeconds * 1_000)) : "none"))
    lines.append("epoch: " + ShownText.of(reading.standing.epoch))
    let most = meter.logBytesMax.map { " of \($0)" } ?? ""
    lines.append("log: " + (meter.logBytes.map { "\($0)\(most) bytes" } ?? "not asked yet"))
    lines.append(
      "newest state: "
        + (meter.stateMilliseconds > 0
          ? ClusterPage.time(meter.stateMilliseconds) : "none"))
    lines.append("")
    let rows =
      [["node", "course", "version", "address", "message", "heard ms ago"]]
      + reading.nodes.map { node in
        [
          ClusterPage.cell(node.hello.name), "\(node.hello.course)",
          ClusterPage.cell(node.hello.version), ClusterPage.cell(node.hello.address),
          "\(node.hello.sequence)",
          "\(Int(clamping: reading.standing.messageMilliseconds) - Int(clamping: node.heardMilliseconds))",
        ]
      }
    let widths = (0..<6).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      lines.append(
        zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
          .joined(separator: "  "))
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  /// A text of another node, which may be anything, at most as wide as the name of a machine.
  private static func cell(_ text: String) -> String {
    let shown = ShownText.of(text)
    return shown.count > cellMax ? shown.prefix(cellMax - 1) + "…" : shown
  }

  private static let cellMax = 72

  private static func time(_ milliseconds: UInt64) -> String {
    RFC3339.text(
      timespec(
        tv_sec: Int(clamping: milliseconds / 1_000), tv_nsec: Int(milliseconds % 1_000) * 1_000_000)
    )
  }
}
