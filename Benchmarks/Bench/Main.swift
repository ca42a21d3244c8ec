import BenchmarkKit

/// Measures what a line costs inside the server, and checks that every line was counted.
@main
struct Main {
  static func main() {
    Program.run("Bench") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      return try run(options)
    }
  }

  /// Prints each case as it is done; returns what is wrong, a sentence each.
  private static func run(_ options: Options) throws -> [String] {
    var faults: [String] = []
    var isHeaded = options.json
    for series in options.series {
      for packing in options.packings {
        let payload = try Payload(series: series, packing: packing, seed: 1)
        for threads in options.threads {
          let item = Case(payload, threads: threads, options: options)
          let outcome = item.run(marks: options.marks)
          let figures = item.figures(outcome)
          if !isHeaded { print(figures.heading) }
          isHeaded = true
          print(options.json ? figures.json : figures.row)
          faults += outcome.faults
        }
      }
    }
    return faults
  }
}
