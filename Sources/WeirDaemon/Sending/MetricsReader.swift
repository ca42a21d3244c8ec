import WeirCloudWatch
import WeirConfiguration
import WeirCurl

/// Asks a running Weir for single families of its metrics. Calls block.
final class MetricsReader {
  /// The URL of the metrics, without a query.
  private(set) var url: String
  /// Where else the metrics may be: the URL may be the path under which a proxy has Weir.
  private var otherURL: String?
  private let connection: WeirConnection

  /// - Parameter environmentURL: The value of `WEIR_URL`.
  /// - Throws: `UsageError`, `CommandFailure`.
  init(_ options: Options, environmentURL: String?) throws {
    do {
      connection = try WeirConnection(options, environmentURL: environmentURL)
    } catch let failure as CommandFailure where failure.status == CommandFailure.unreachableStatus {
      throw CommandFailure.unreachable(
        "\(failure); --no-check sends and asks nothing")
    }
    let page = options.web.telemetryPaths[0]
    url = connection.hasPath ? connection.url : connection.url + page
    otherURL = connection.hasPath ? connection.url + page : nil
  }

  /// Reads families, and those of Weir's own that say what it has received and refused.
  func read(_ names: [[UInt8]]) throws(CommandFailure) -> PageValues {
    let other = otherURL
    otherURL = nil
    do throws(CommandFailure) {
      return try read(names, at: url)
    } catch {
      guard let other, let values = try? read(names, at: other) else { throw error }
      url = other
      return values
    }
  }

  private func read(_ names: [[UInt8]], at url: String) throws(CommandFailure) -> PageValues {
    var query = FormWriter()
    for name in MetricsReader.ownNames + names.map({ String(decoding: $0, as: UTF8.self) }) {
      query.add("name%5B%5D", name)
    }
    let answer: CurlConnection.Answer
    do throws(CurlConnection.Failure) {
      answer = try connection.get(
        "\(url)?\(String(decoding: query.bytes, as: UTF8.self))",
        accept: "text/plain;version=1.0.0;escaping=allow-utf-8")
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
      throw connection.failure(status: answer.status, nil)
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
