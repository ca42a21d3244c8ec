import WeirCloudWatch
import WeirConfiguration
import WeirCurl

/// Asks a running Weir for single families of its metrics. Calls block.
struct MetricsReader {
  /// How long an answer may take.
  static let milliseconds = 5_000
  static let answerBytesMax = 64 << 20
  static let passwordBytesMax = 4_096

  /// The URL of the metrics, without a query.
  let url: String
  private let connection: CurlConnection

  /// - Parameter environmentURL: The value of `WEIR_URL`.
  /// - Throws: `UsageError`, `CommandFailure`.
  init(_ options: Options, environmentURL: String?) throws {
    let send = options.send
    let base: MetricsURL
    if let url = send.url {
      base = url
    } else if let text = environmentURL {
      base = try MetricsURL(text, source: "WEIR_URL")
    } else {
      let address = SendTarget.reachable(options.web.listenAddresses[0])
      base = try MetricsURL("http://\(address)", source: "--web.listen-address")
    }
    url = base.hasPath ? base.text : base.text + options.web.telemetryPaths[0]
    var settings = CurlConnection.Settings(userAgent: "weir/\(Version.current)")
    settings.answerBytesMax = MetricsReader.answerBytesMax
    settings.caFile = send.caFile
    settings.usesProxy = !MetricsReader.isLocal(url)
    if let user = send.user, let file = send.passwordFile {
      settings.credentials = "\(user):\(try MetricsReader.password(in: file))"
    }
    do throws(CurlConnection.Failure) {
      connection = try CurlConnection(settings)
    } catch {
      throw CommandFailure.unreachable("\(error); without it, --no-check sends and asks nothing")
    }
  }

  /// The URL in the environment. Pushing clients have one there, too, which is another page.
  static func environmentURL() -> String? {
    EnvironmentVariable.value("WEIR_URL").flatMap { $0.hasSuffix("/api/v1/push") ? nil : $0 }
  }

  /// Whether it is this machine, so that no proxy is asked.
  private static func isLocal(_ url: String) -> Bool {
    let host = url.split(separator: "/", maxSplits: 2).dropFirst().first ?? ""
    return ["127.", "localhost:", "[::1]"].contains { host.hasPrefix($0) } || host == "localhost"
  }

  private static func password(in file: String) throws(CommandFailure) -> String {
    do throws(FileTrouble) {
      let bytes = try FileContents.read(file, bytesMax: passwordBytesMax).bytes
      let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
      return String(decoding: line, as: UTF8.self)
    } catch {
      throw .trouble("--password-file: \(file): \(error)")
    }
  }

  /// Reads families, and those of Weir's own that say what it has received and refused.
  func read(_ names: [[UInt8]]) throws(CommandFailure) -> PageValues {
    var query = FormWriter()
    for name in MetricsReader.ownNames + names.map({ String(decoding: $0, as: UTF8.self) }) {
      query.add("name%5B%5D", name)
    }
    var request = CurlConnection.Request(
      url: "\(url)?\(String(decoding: query.bytes, as: UTF8.self))")
    request.headers = ["Accept: text/plain;version=1.0.0;escaping=allow-utf-8"]
    let answer: CurlConnection.Answer
    do throws(CurlConnection.Failure) {
      answer = try connection.send(request, milliseconds: MetricsReader.milliseconds)
    } catch {
      throw .unreachable(
        "\(url) cannot be asked: \(error); write the address of weir's metrics with --url, or send "
          + "without asking by --no-check")
    }
    let values = PageValues(answer.body)
    switch answer.status {
    case 200 where values.sum(of: "weir_build_info") != nil: return values
    case 200:
      throw .unreachable(
        "\(url) is not a page of weir; write the address of weir's metrics with --url, or send without "
          + "asking by --no-check")
    case 401:
      throw .unreachable(
        "\(url) needs a user, or refuses the one that was given; write --user and --password-file")
    default:
      throw .unreachable(
        "\(url) answered with status \(answer.status); write the address of weir's metrics with --url"
          + (url.hasPrefix("http:") && answer.status == 400 ? ", with https if it has TLS" : "")
          + ", or send without asking by --no-check")
    }
  }

  /// Families by which causes are told apart.
  static let ownNames = [
    "weir_build_info", "weir_datagrams_received_total", "weir_datagrams_dropped_total",
    "weir_datagrams_refused_total", "weir_lines_total", "weir_lines_refused_total",
    "weir_samples_total", "weir_push_frames_total", "weir_push_frames_refused_total",
    "weir_push_records_refused_total", "weir_forward_frames_total",
  ]
}
