import Foundation
import Testing

extension WaitingTests {
  /// What programs really send, through mapping files as they are published: see Producers/README.md.
  @Suite struct Producers {
    /// One program's folder.
    struct Recording {
      let datagrams: [String]
      let mapping: String
      let page: [Substring]

      init(_ producer: String) throws {
        let folder = Programs.root.appending(path: "Tests/SystemTests/Producers/\(producer)")
        func lines(_ file: String) throws -> [Substring] {
          try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(
            separator: "\n")
        }
        datagrams = try lines("lines.txt").filter { !$0.hasPrefix("#") }
          .map { String($0.replacing("\\n", with: "\n")) }
        mapping = folder.appending(path: "mapping.yml").path
        page = try lines("page.txt")
      }
    }

    /// The series and types of a page, but for those of the server itself.
    struct Shown {
      var samples: [Page.Sample] = []
      var types: Set<Substring> = []

      init(_ lines: [Substring]) throws {
        for line in lines {
          let name =
            line.hasPrefix("# ") ? line.split(separator: " ").dropFirst(2).first ?? "" : line
          if ["weir_", "process_", "statsd_exporter_", "statsd_metric_"].contains(
            where: name.hasPrefix)
          {
            continue
          }
          if line.hasPrefix("# TYPE ") {
            types.insert(line)
          } else if !line.hasPrefix("#") {
            samples.append(try SampleReader.read(line))
          }
        }
      }

      /// The value of exactly this series.
      func value(like sample: Page.Sample) -> Double? {
        samples.first { $0.name == sample.name && $0.labels == sample.labels }?.value
      }
    }

    private func expectSame(_ shown: Shown, _ expected: Shown) {
      #expect(shown.types == expected.types)
      for sample in expected.samples {
        // A summary's quantiles are estimates.
        let error = sample.labels["quantile"] == nil ? 1e-12 : 0.03
        let value = shown.value(like: sample) ?? .nan
        #expect(
          abs(value - sample.value) <= error * abs(sample.value),
          "\(sample.name) \(sample.labels) is \(value) and not \(sample.value)")
      }
      for sample in shown.samples where expected.value(like: sample) == nil {
        Issue.record("\(sample.name) \(sample.labels) is too much")
      }
    }

    @Test(
      "come to the page that statsd_exporter's documentation says",
      arguments: ["gunicorn", "proftpd", "airflow", "envoy"])
    func producers(_ producer: String) throws {
      let recording = try Recording(producer)
      let weir = try Weir.start([
        "--compat=statsd_exporter", "--statsd.mapping-config=\(recording.mapping)",
      ])
      let socket = try weir.sender()
      for datagram in recording.datagrams { try socket.send(datagram) }
      let text = try eventually("The reception of all datagrams") {
        let text = try http(try weir.webAddress(), "/metrics").text
        let page = try Page(text)
        return page.sum("weir_datagrams_received_total") == Double(recording.datagrams.count)
          ? text : nil
      }
      #expect(try Page(text).sum("weir_lines_refused_total") == 0)
      try expectSame(Shown(text.split(separator: "\n")), Shown(recording.page))
    }

    @Test(
      "are lines that weir explain accepts, all of them, by the same file",
      arguments: ["gunicorn", "proftpd", "airflow", "envoy"])
    func explained(_ producer: String) throws {
      let recording = try Recording(producer)
      let lines = recording.datagrams.flatMap { $0.split(separator: "\n") }.map(String.init)
      let result = try runProgram(
        try Programs.weir(),
        ["explain", "--compat=statsd_exporter", "--statsd.mapping-config=\(recording.mapping)"]
          + lines)
      #expect(result.ending == .exit(0), "\(result.error)")
      // Every series of the page is one that was announced, apart from the endings of observations.
      let expected = try Shown(recording.page)
      let announced = Set(
        result.output.split(separator: "\n").compactMap { line -> Substring? in
          guard line.hasPrefix("  series ") else { return nil }
          return line.dropFirst("  series ".count).prefix { $0 != "{" && $0 != ":" }
        })
      #expect(Set(expected.types.map { $0.split(separator: " ")[2] }) == announced)
    }

    @Test(
      "have files that check-config accepts",
      arguments: ["gunicorn", "proftpd", "airflow", "envoy"])
    func checked(_ producer: String) throws {
      let file = try Recording(producer).mapping
      let result = try runProgram(
        try Programs.weir(), ["--check-config", "--statsd.mapping-config", file])
      #expect(result.ending == .exit(0), "\(result.error)")
      #expect(result.output.contains("\(file): is fine: "))
    }
  }
}
