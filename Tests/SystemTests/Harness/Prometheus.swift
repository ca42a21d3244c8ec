import Foundation

/// A real Prometheus that scrapes every second.
final class Prometheus {
  /// What it scrapes.
  struct Job {
    var name = "weir"
    var target: String
    var path = "/metrics"
    /// Further lines of the job's configuration.
    var settings: [String] = []
  }

  /// One series of an answer.
  struct Series {
    let labels: [String: String]
    let value: Double
  }

  private let process: ChildProcess
  private let folder: URL
  private let address: String

  /// Starts it with its data in a folder that goes with it, and waits until it is ready.
  ///
  /// `honor_labels` is on: instances send an `instance` label of their own, which Prometheus would
  /// otherwise rename.
  convenience init(scraping target: String, settings: [String] = []) throws {
    try self.init(jobs: [Job(target: target, settings: settings)])
  }

  /// - Parameter features: Of those that a flag turns on.
  init(jobs: [Job], features: [String] = []) throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-prometheus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let configuration = jobs.reduce(
      "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n"
    ) { text, job in
      let settings =
        ["honor_labels: true", "metrics_path: \(job.path)"] + job.settings
        + ["static_configs:", "  - targets: [\"\(job.target)\"]"]
      return text + "  - job_name: \(job.name)\n" + settings.map { "    \($0)\n" }.joined()
    }
    let file = folder.appending(path: "prometheus.yml")
    try configuration.write(to: file, atomically: true, encoding: .utf8)
    let process = try ChildProcess(
      try Programs.prometheus(),
      [
        "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.appending(path: "data").path)",
        "--web.listen-address=127.0.0.1:0",
      ] + (features.isEmpty ? [] : ["--enable-feature=\(features.joined(separator: ","))"]))
    self.process = process
    let address = try eventually("Prometheus' address", within: 30) {
      if let ending = process.poll() {
        throw HarnessError("Prometheus ended, \(ending): \(process.standardError)")
      }
      return LogLine.parse(process.standardError)
        .first { $0["msg"] == "Listening on" }?["address"]
    }
    self.address = address
    _ = try eventually("A ready Prometheus", within: 30) {
      try http(address, "/-/ready").status == 200 ? true : nil
    }
  }

  deinit {
    process.signal(SIGKILL)
    _ = try? process.wait(within: 10)
    try? FileManager.default.removeItem(at: folder)
  }

  /// Asks for an instant vector, at `time` in Unix seconds where given.
  func query(_ expression: String, at time: Double? = nil) throws -> [Series] {
    struct Answer: Decodable {
      struct Body: Decodable {
        let resultType: String
        let result: [Row]
      }
      struct Row: Decodable {
        let metric: [String: String]
        let value: Point
      }
      let status: String
      let data: Body
    }
    var components = URLComponents()
    components.queryItems = [URLQueryItem(name: "query", value: expression)]
    if let time { components.queryItems?.append(URLQueryItem(name: "time", value: "\(time)")) }
    // A plus sign in a query string means a space.
    let query = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
    let exchange = try HTTPExchange(address)
    try exchange.request("GET", "/api/v1/query?\(query)", close: true)
    let answer = try exchange.answer()
    guard answer.status == 200 else {
      throw HarnessError("Prometheus answered \(answer.status): \(answer.text)")
    }
    let body = try JSONDecoder().decode(Answer.self, from: Data(answer.body))
    return body.data.result.map { Series(labels: $0.metric, value: $0.value.number) }
  }

  /// Why the last scrape of each target failed; an empty text for a scrape that did not.
  func lastErrors() throws -> [String] {
    struct Answer: Decodable {
      struct Targets: Decodable { let activeTargets: [Target] }
      struct Target: Decodable { let lastError: String }
      let data: Targets
    }
    let exchange = try HTTPExchange(address)
    try exchange.request("GET", "/api/v1/targets", close: true)
    let answer = try JSONDecoder().decode(Answer.self, from: Data(try exchange.answer().body))
    return answer.data.activeTargets.map(\.lastError)
  }

  /// The value of an answer that is one series; nil while there is none.
  func scalar(_ expression: String, at time: Double? = nil) throws -> Double? {
    let series = try query(expression, at: time)
    guard series.count <= 1 else {
      throw HarnessError("\(expression) has \(series.count) answers.")
    }
    return series.first?.value
  }
}

/// `[1700000000.123, "42"]`.
private struct Point: Decodable {
  let number: Double

  init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    _ = try values.decode(Double.self)
    let text = try values.decode(String.self)
    guard let number = SampleReader.number(text) else {
      throw HarnessError("\(text) is not a value of Prometheus'.")
    }
    self.number = number
  }
}
