import BenchmarkKit

/// The drains of one consumer on one number of receivers.
struct Report {
  let item: Case
  let consumer: Consumer
  let receivers: Int
  var samples: [Sample] = []

  init(_ item: Case, _ consumer: Consumer, receivers: Int) {
    self.item = item
    self.consumer = consumer
    self.receivers = receivers
  }

  var datagramsPerSecond: [Double] {
    samples.map { Double($0.datagrams) * 1e9 / Double($0.nanoseconds) }
  }

  /// - Parameter alone: the same consumer's drains on one receiver, for the ratio to them.
  func figures(alone: Report?, isCorrect: Bool) -> Figures {
    let perDatagram = item.payload.linesPerDatagramMean
    let lines = datagramsPerSecond.map { $0 * perDatagram }
    var figures = Figures()
    figures.add("consumer", "consumer", consumer.rawValue)
    figures.add("receivers", "receivers", receivers)
    figures.add("series", "series", item.payload.series.count)
    figures.add("lines a datagram", "lines_per_datagram", perDatagram, places: 1)
    figures.add("drains", "drains", samples.count)
    figures.add("datagrams a drain", "datagrams_per_drain", item.fill * receivers)
    figures.add("buffer, bytes", "receive_buffer_bytes", item.lanes[0].receiveBufferBytes)
    figures.add(
      "datagrams/s", "datagrams_per_second_median", datagramsPerSecond.median, places: 0)
    figures.add("lines/s", "lines_per_second_median", lines.median, places: 0)
    figures.add("most", "lines_per_second_max", lines.max(), places: 0)
    let cpu = samples.map { Double($0.cpuNanoseconds) / (Double($0.datagrams) * perDatagram) }
    figures.add("CPU ns a line", "cpu_ns_per_line_median", cpu.median, places: 1)
    figures.add("least", "cpu_ns_per_line_min", cpu.min(), places: 1)
    let ratio = alone.map { datagramsPerSecond.median / $0.datagramsPerSecond.median }
    figures.add("times one receiver", "times_one_receiver", ratio, places: 2)
    figures.add("correct", "correct", isCorrect)
    return figures
  }
}
