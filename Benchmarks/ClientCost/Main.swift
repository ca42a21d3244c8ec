import BenchmarkKit
import Dispatch
import WeirClient

/// Measures what a record costs the application that makes it.
@main
struct Main {
  static func main() {
    Program.run("ClientCost") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      do {
        return try run(options)
      } catch let error as ConfigurationError {
        throw RunError(error.description)
      } catch let error as DefinitionError {
        throw RunError(error.description)
      }
    }
  }

  /// Prints each case as it is done; returns what is wrong, a sentence each.
  private static func run(_ options: Options) throws -> [String] {
    // Nobody listens there, which makes no difference to recording.
    var configuration = Configuration(server: "127.0.0.1:9")
    configuration.exitTimeout = .zero
    var cases: [(subject: Subject, threads: Int)] = []
    // Between marks, allocations are counted; only records may make them, so there is no thread.
    let client =
      try options.marks ? Client(withoutThread: configuration) : Client(configuration)
    for threads in options.threads {
      let name = "threads_\(threads)"
      cases += [
        (.atomic(PlainAtomic()), threads),
        (.counter(try client.counter("\(name)_total")), threads),
        (.histogram(try client.histogram("\(name)_seconds")), threads),
        (.gauge(try client.gauge(name)), threads),
      ]
    }
    var times = cases.map { _ in [Int]() }
    for index in cases.indices {
      times[index].reserveCapacity(options.rounds)
      _ = round(cases[index].subject, threads: cases[index].threads, options.records)
    }
    if options.marks { Mark.write("ClientCost: the rounds begin\n") }
    for _ in 0..<options.rounds {
      for index in cases.indices {
        let item = cases[index]
        times[index].append(round(item.subject, threads: item.threads, options.records))
      }
    }
    if options.marks { Mark.write("ClientCost: the rounds end\n") }
    return report(cases, times, options)
  }

  /// Nanoseconds from the start of the first thread to the end of the last.
  private static func round(_ subject: Subject, threads: Int, _ records: Int) -> Int {
    let start = Clock.now()
    if threads == 1 {
      subject.record(records)
    } else {
      DispatchQueue.concurrentPerform(iterations: threads) { _ in subject.record(records) }
    }
    return Clock.now() - start
  }

  private static func report(
    _ cases: [(subject: Subject, threads: Int)], _ times: [[Int]], _ options: Options
  ) -> [String] {
    var faults: [String] = []
    for (index, item) in cases.enumerated() {
      let found = item.subject.faults(
        threads: item.threads, records: options.records, calls: options.rounds + 1)
      var figures = Figures()
      figures.add("record", "record", item.subject.label)
      figures.add("threads", "threads", item.threads)
      figures.add("records", "records", options.records * item.threads * options.rounds)
      let each = times[index].map { Double($0) / Double(options.records) }
      figures.add("ns a record, on each thread", "ns_median", each.median, places: 1)
      figures.add("least", "ns_min", each.min(), places: 1)
      figures.add("correct", "correct", found.isEmpty)
      if index == 0 && !options.json { print(figures.heading) }
      print(options.json ? figures.json : figures.row)
      faults += found
    }
    return faults
  }
}
