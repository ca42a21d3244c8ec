import BenchmarkKit
import WeirConfiguration

/// Measures what mapping rules cost on a line that is known, and on a name that is new.
@main
struct Main {
  static func main() {
    Program.run("MappingBench") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      do throws(FileMistake) {
        return try run(options)
      } catch {
        return ["The mapping file of this benchmark is refused: \(error)"]
      }
    }
  }

  /// Prints each table as it is done; returns what is wrong, a sentence each.
  private static func run(_ options: Options) throws(FileMistake) -> [String] {
    let known = try KnownLines.measure(options)
    show(known.figures, options)
    let new = try NewNames.measure(options)
    if !options.json { print("") }
    show(new.figures, options)
    return known.faults + new.faults
  }

  private static func show(_ figures: [Figures], _ options: Options) {
    if !options.json, let first = figures.first { print(first.heading) }
    for figures in figures { print(options.json ? figures.json : figures.row) }
  }
}

/// A table, and what is wrong.
struct Outcome {
  var figures: [Figures] = []
  var faults: [String] = []
}
