import BenchmarkKit

/// Measures what a record of the push protocol costs inside the server, and what a series takes on the
/// wire; checks that every total arrived.
@main
struct Main {
  static func main() {
    Program.run("PushBench") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      return try run(options)
    }
  }

  private static func run(_ options: Options) throws -> [String] {
    var faults: [String] = []
    var isHeaded = options.json
    for series in options.series {
      for kind in options.kinds {
        for instances in options.instances {
          let set = SeriesSet.make(count: series, of: kind)
          let outcome = try Case(set, instances: instances, options: options).run()
          var figures = Figures()
          figures.add("series", "series", series)
          figures.add("of", "of", kind?.rawValue ?? "all kinds")
          figures.add("instances", "instances", instances)
          figures.add("frames a round", "frames", outcome.framesPerRound)
          figures.add("bytes a record", "bytes_per_record", outcome.bytesPerRecord, places: 1)
          figures.add("as text, a line each", "text_bytes", outcome.textBytesPerSeries, places: 1)
          figures.add("decode, ns", "decode_ns_median", outcome.decode.median, places: 1)
          figures.add("apply, ns", "apply_ns_median", outcome.apply.median, places: 1)
          figures.add("whole, ns", "whole_ns_median", outcome.whole.median, places: 1)
          figures.add("least", "whole_ns_min", outcome.whole.min(), places: 1)
          figures.add("repeated, ns", "repeated_ns_median", outcome.repeated.median, places: 1)
          figures.add("from a socket, ns", "drained_ns_median", outcome.drained.median, places: 1)
          figures.add(
            "records/s from a socket", "drained_records_per_second", 1e9 / outcome.drained.median,
            places: 0)
          figures.add("correct", "correct", outcome.faults.isEmpty)
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
