import BenchmarkPayload
import Glibc

/// Measures what a line costs inside the server, and checks that every line was counted.
///
/// Exit status: 0, 1 for a wrong total, 2 for a mistake in the flags.
@main
struct Main {
  static func main() {
    do {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return
      }
      if try !run(options) { exit(1) }
    } catch {
      Complaint.write(error.sentence, from: "Bench")
      exit(2)
    }
  }

  /// Prints each case as it is done; false when a check failed.
  private static func run(_ options: Options) throws(UsageError) -> Bool {
    var isRight = true
    var isHeaded = false
    for series in options.series {
      for packing in options.packings {
        let item = try Case(series: series, packing: packing, options: options)
        let outcome = item.run(marks: options.marks)
        let report = Report(item, outcome.times)
        if !options.json && !isHeaded { print(Report.heading) }
        isHeaded = true
        print(options.json ? report.json : report.row)
        for fault in Check(item).faults(outcome) {
          isRight = false
          Complaint.write(fault, from: "Bench")
        }
      }
    }
    return isRight
  }
}
