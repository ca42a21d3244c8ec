import BenchmarkKit

/// Times how fast full sockets are emptied, by a loop that only counts and by Weir's engine.
@main
struct Main {
  static func main() {
    Program.run("Drain") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      return try run(options)
    }
  }

  /// Prints each case's rows as it is done; returns what is wrong, a sentence each.
  private static func run(_ options: Options) throws -> [String] {
    var faults: [String] = []
    var isHeaded = options.json
    for series in options.series {
      for packing in options.packings {
        let payload = try Payload(series: series, packing: packing, seed: 1)
        let item = try Case(
          payload, receivers: options.receivers.max() ?? 1,
          readBufferBytes: options.readBufferBytes)
        let reports = try measure(item, options)
        let found = item.faults()
        for report in reports {
          let alone = reports.first { $0.consumer == report.consumer && $0.receivers == 1 }
          let figures = report.figures(alone: alone, isCorrect: found.isEmpty)
          if !isHeaded { print(figures.heading) }
          isHeaded = true
          print(options.json ? figures.json : figures.row)
        }
        faults += found
      }
    }
    return faults
  }

  /// Every consumer and number of receivers in turn, so that changes of the machine's speed affect
  /// all of them alike.
  private static func measure(_ item: Case, _ options: Options) throws -> [Report] {
    var reports = options.receivers.flatMap { receivers in
      Consumer.allCases.map { Report(item, $0, receivers: receivers) }
    }
    for _ in 0..<options.drains {
      for index in reports.indices {
        let report = reports[index]
        reports[index].samples.append(
          try item.drain(receivers: report.receivers, by: report.consumer))
      }
    }
    return reports
  }
}
