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
    lines.append("epoch: " + ShownText.of(Array(reading.standing.epoch.utf8)))
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
          ShownText.of(Array(node.hello.name.utf8)), "\(node.hello.course)",
          ShownText.of(Array(node.hello.version.utf8)),
          ShownText.of(Array(node.hello.address.utf8)), "\(node.hello.sequence)",
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

  private static func time(_ milliseconds: UInt64) -> String {
    RFC3339.text(
      timespec(
        tv_sec: Int(clamping: milliseconds / 1_000), tv_nsec: Int(milliseconds % 1_000) * 1_000_000)
    )
  }
}
