import WeirBytes
import WeirConfiguration
import WeirCurl

/// Asks a running Weir over HTTP, for `weir send`, `weir top` and `weir tap`. Calls block.
final class WeirConnection {
  /// How long an answer may take.
  static let milliseconds = 5_000
  static let answerBytesMax = 64 << 20
  static let passwordBytesMax = 4_096

  /// As it was given, without a slash at the end.
  let url: String
  let hasPath: Bool
  /// Without the path of the metrics: `http://HOST:PORT`, or with the path under which a proxy has Weir.
  let root: String
  /// The user that asks; nil for none.
  private let user: String?
  private let connection: CurlConnection

  /// - Parameter environmentURL: The value of `WEIR_URL`.
  /// - Throws: `UsageError`, `CommandFailure`.
  init(_ options: Options, environmentURL: String? = WeirConnection.environmentURL()) throws {
    let asked = options.connection
    let base: ServerURL
    if let url = asked.url {
      base = url
    } else if let text = environmentURL {
      base = try ServerURL(text, source: "WEIR_URL")
    } else {
      let address = SendTarget.reachable(options.web.listenAddresses[0])
      base = try ServerURL("http://\(address)", source: "--web.listen-address")
    }
    url = base.text
    hasPath = base.hasPath
    let page = options.web.telemetryPaths.filter { base.hasPath && base.text.hasSuffix($0) }
      .max { $0.count < $1.count }
    root = String(base.text.dropLast(page?.count ?? 0))
    var settings = CurlConnection.Settings(userAgent: "weir/\(Version.current)")
    settings.answerBytesMax = WeirConnection.answerBytesMax
    settings.caFile = asked.caFile
    if let file = asked.caFile { try ForwardFiles.checkAuthorities(file, flag: "--ca-file") }
    settings.usesProxy = !WeirConnection.isLocal(url)
    user = asked.user
    if let user = asked.user, let file = asked.passwordFile {
      settings.credentials = "\(user):\(try WeirConnection.password(in: file))"
    }
    do throws(CurlConnection.Failure) {
      connection = try CurlConnection(settings)
    } catch {
      throw CommandFailure.unreachable("\(error); without it, weir can't be asked")
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
      if !line.isEmpty { return String(decoding: line, as: UTF8.self) }
    } catch {
      throw .unreachable("--password-file: \(file): \(error)")
    }
    throw .unreachable(
      "--password-file: \(file): the first line is empty; write the password there")
  }

  /// Sends a GET.
  ///
  /// - Parameters:
  ///   - url: Begins with `url` or `root`.
  ///   - take: Takes parts of the body as they come; false ends the answer. Nil to keep the body.
  ///   - hasEnded: Asked about once a second, whether the question is given up.
  func get(
    _ url: String, accept: String, milliseconds: Int = WeirConnection.milliseconds,
    hasEnded: (@Sendable () -> Bool)? = nil, take: (([UInt8]) -> Bool)? = nil
  ) throws(CurlConnection.Failure) -> CurlConnection.Answer {
    var request = CurlConnection.Request(url: url)
    request.headers = ["Accept: \(accept)"]
    request.hasEnded = hasEnded
    request.take = take
    return try connection.send(request, milliseconds: milliseconds)
  }

  /// Why a status is no answer of the API, with the remedy.
  ///
  /// - Parameter sentence: What the server says of it; nil if it says nothing.
  func failure(status: Int, _ sentence: String?) -> CommandFailure {
    switch status {
    case 401:
      if let user {
        .unreachable(
          "\(url) refuses the user \(user.quoted) or the password; correct --user or --password-file"
        )
      } else {
        .unreachable("\(url) needs a user; write --user and --password-file")
      }
    case 404:
      .unreachable(
        "\(root) has no API: it is not weir, an older one, or one with --no-web.ui; write its address with "
          + "--url")
    case 400 where sentence != nil:
      CommandFailure(
        description: ShownText.of(sentence ?? ""), status: Command.misuseStatus)
    default:
      .unreachable(
        "\(root) answered with status \(status)"
          + (sentence.map { ": \(ShownText.of($0))" } ?? "; write the address of weir with --url")
          + (root.hasPrefix("http:") && status == 400 ? ", with https if it has TLS" : ""))
    }
  }

  func unreachable(_ fault: CurlConnection.Failure) -> CommandFailure {
    .unreachable("\(root) cannot be asked: \(fault); start weir, or write its address with --url")
  }
}
