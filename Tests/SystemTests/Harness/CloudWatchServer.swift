import Foundation

/// CloudWatch with STS and the metadata services, or moto, as a child process.
final class CloudWatchServer {
  let process: ChildProcess
  let url: String
  private let first: [String: Any]

  /// A metric of a request that was accepted by form.
  struct Metric: Equatable {
    let name: String
    let dimensions: [String: String]
    let unit: String
    let value: Double?
    let values: [Double]
    let counts: [Double]
  }

  /// A request that pushes.
  struct Push {
    let action: String
    let namespace: String
    let isPacked: Bool
    let hasToken: Bool
    let metrics: [Metric]
  }

  /// The server of the tests' own.
  ///
  /// - Parameter arguments: See the script.
  convenience init(_ arguments: String...) throws {
    try self.init(
      try Programs.anyPython(), [try Programs.client("cloudwatch_server.py")] + arguments)
  }

  /// moto, which checks signatures unless `--open` is given. It checks those of packed bodies in another way than AWS.
  static func moto(_ arguments: String...) throws -> CloudWatchServer {
    try CloudWatchServer(
      try Programs.python(), [try Programs.client("cloudwatch_moto.py"), "serve"] + arguments)
  }

  private init(_ program: String, _ arguments: [String]) throws {
    let process = try ChildProcess(program, arguments)
    self.process = process
    first = try eventually("The server for CloudWatch", within: 60) {
      if let ending = process.poll() {
        throw HarnessError("It ended at once, \(ending): \(process.standardError)")
      }
      return Self.objects(process).first
    }
    url = try Self.text(first, "url")
  }

  /// A field of the first line.
  func text(_ key: String) throws -> String { try Self.text(first, key) }

  private static func text(_ object: [String: Any], _ key: String) throws -> String {
    guard let text = object[key] as? String else { throw HarnessError("There is no \(key).") }
    return text
  }

  private static func objects(_ process: ChildProcess) -> [[String: Any]] {
    let text = process.standardOutput
    guard let end = text.lastIndex(of: "\n") else { return [] }
    return text[..<end].split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  private var objects: [[String: Any]] { Self.objects(process) }

  /// What was wrong with requests.
  var faults: [String] { objects.compactMap { $0["fault"] as? String } }

  /// Where credentials came from.
  var credentials: [String] { objects.compactMap { $0["credentials"] as? String } }

  var pushes: [Push] {
    objects.compactMap { object in
      guard let action = object["action"] as? String,
        let metrics = object["metrics"] as? [[String: Any]]
      else { return nil }
      return Push(
        action: action, namespace: object["namespace"] as? String ?? "",
        isPacked: object["packed"] as? Bool ?? false, hasToken: object["token"] as? Bool ?? false,
        metrics: metrics.map { metric in
          Metric(
            name: metric["name"] as? String ?? "",
            dimensions: metric["dimensions"] as? [String: String] ?? [:],
            unit: metric["unit"] as? String ?? "",
            value: (metric["value"] as? NSNumber)?.doubleValue,
            values: (metric["values"] as? [NSNumber] ?? []).map(\.doubleValue),
            counts: (metric["counts"] as? [NSNumber] ?? []).map(\.doubleValue))
        })
    }
  }

  /// The sum of a metric's values over all requests with an action.
  func sum(_ name: String, action: String = "200") -> Double {
    pushes.filter { $0.action == action }.flatMap(\.metrics).filter { $0.name == name }
      .reduce(0) { $0 + ($1.value ?? 0) }
  }

  /// What starts a program with variables of AWS, and no others that would change what is tested.
  static func environment(_ variables: [String: String]) -> [String] {
    let cleared = [
      "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    ]
    let all = ["AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"]
      .merging(variables) { $1 }
    return ["/usr/bin/env"] + cleared.flatMap { ["-u", $0] }
      + all.map { "\($0.key)=\($0.value)" }
  }

  /// The key that the tests' own server knows.
  static let key = ["AWS_ACCESS_KEY_ID": "AKTEST", "AWS_SECRET_ACCESS_KEY": "test-secret"]
}
