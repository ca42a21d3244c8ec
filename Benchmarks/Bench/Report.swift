import BenchmarkKit

extension Case {
  /// The times of the rounds: nanoseconds a line on each thread, median and least.
  func figures(_ outcome: Outcome) -> Figures {
    var figures = Figures()
    figures.add("series", "series", payload.series.count)
    figures.add(
      "lines a datagram", "lines_per_datagram", payload.linesPerDatagramMean, places: 1)
    figures.add("bytes a line", "bytes_per_line", payload.bytesPerLineMean, places: 0)
    figures.add("threads", "threads", threads)
    figures.add("apart", "apart", isApart)
    figures.add("rounds", "rounds", rounds)
    figures.add("lines", "lines", linesPerRound * threads * rounds)
    let parts: [(label: String, key: String, times: [Int])] = [
      ("decode", "decode", outcome.times.map(\.decodeNanoseconds)),
      ("route + apply", "apply", outcome.times.map(\.applyNanoseconds)),
      ("whole", "whole", outcome.times.map(\.nanoseconds)),
      ("whole, CPU", "whole_cpu", outcome.times.map(\.cpuNanoseconds)),
    ]
    for (label, key, times) in parts {
      let perLine = times.map { Double($0) / Double(linesPerRound) }
      figures.add("\(label), ns", "\(key)_ns_median", perLine.median, places: 1)
      figures.add("least", "\(key)_ns_min", perLine.min(), places: 1)
    }
    let rates = outcome.times.map { Double(linesPerRound * threads) * 1e9 / Double($0.nanoseconds) }
    figures.add("lines/s, all threads", "lines_per_second_median", rates.median, places: 0)
    figures.add("correct", "correct", outcome.faults.isEmpty)
    return figures
  }
}
