import BenchmarkPayload

/// The times of one case's rounds, a line.
struct Report {
  private let lines: Int
  private let item: Case
  private let decode: [Double]
  private let apply: [Double]
  private let whole: [Double]

  init(_ item: Case, _ times: [RoundTime]) {
    self.item = item
    lines = item.linesPerRound
    // What a line costs the one thread that takes it in.
    let perThread = Double(item.linesPerRound / item.threads)
    decode = times.map { Double($0.decodeNanoseconds) / perThread }.sorted()
    apply = times.map { Double($0.applyNanoseconds) / perThread }.sorted()
    whole = times.map { Double($0.nanoseconds) / perThread }.sorted()
  }

  static let heading = """
    Nanoseconds a line on each thread: median / least of the rounds.

    | series | lines a datagram | bytes a line | threads | decode | route + apply | whole |
    | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    """

  var row: String {
    let cells = [
      "\(item.payload.series.count)", Decimal.text(linesPerDatagram, places: 1),
      Decimal.text(bytesPerLine, places: 0), "\(item.threads)",
    ]
    let times = [decode, apply, whole].map { sorted in
      "\(Decimal.text(Self.median(sorted), places: 1)) / \(Decimal.text(sorted[0], places: 1))"
    }
    return "| " + (cells + times).joined(separator: " | ") + " |"
  }

  var json: String {
    var members: [(name: String, value: String)] = [
      ("series", "\(item.payload.series.count)"),
      ("lines_per_datagram", Decimal.text(linesPerDatagram, places: 3)),
      ("bytes_per_line", Decimal.text(bytesPerLine, places: 3)),
      ("threads", "\(item.threads)"),
      ("rounds", "\(item.rounds)"),
      ("lines", "\(lines * item.rounds)"),
    ]
    for (prefix, sorted) in [("decode_", decode), ("apply_", apply), ("", whole)] {
      members += [
        ("\(prefix)nanoseconds_median", Decimal.text(Self.median(sorted), places: 3)),
        ("\(prefix)nanoseconds_min", Decimal.text(sorted[0], places: 3)),
      ]
    }
    return "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  private var linesPerDatagram: Double {
    Double(item.payload.lines.count) / Double(item.payload.count)
  }

  /// With the newlines between lines.
  private var bytesPerLine: Double {
    Double(item.payload.bytes.count) / Double(item.payload.lines.count)
  }

  /// - Precondition: `sorted` is, and holds something.
  private static func median(_ sorted: [Double]) -> Double {
    (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
