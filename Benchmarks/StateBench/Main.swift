import BenchmarkKit

/// Measures what a commit of the state file costs before anything is written: the cut, which makes
/// receivers wait, and the encoding; checks that each cut has the rows that have changed. With
/// `--restore` it measures what a start needs to read the file.
@main
struct Main {
  static func main() {
    Program.run("StateBench") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      return options.restore ? restore(options) : run(options)
    }
  }

  private static func restore(_ options: Options) -> [String] {
    var faults: [String] = []
    var isHeaded = options.json
    for kind in options.kinds {
      for series in options.series {
        let outcome = Restore(series: series, of: kind, rounds: options.rounds)
        let figures = outcome.figures(series, kind)
        if !isHeaded { print(figures.heading) }
        isHeaded = true
        print(options.json ? figures.json : figures.row)
        faults += outcome.faults
      }
    }
    return faults
  }

  private static func run(_ options: Options) -> [String] {
    var faults: [String] = []
    var isHeaded = options.json
    for kind in options.kinds {
      for series in options.series {
        let outcomes = Case(series: series, of: kind, options: options).run()
        for outcome in outcomes {
          let figures = outcome.figures(series, kind)
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
