import WeirCloudWatch
import WeirConfiguration
import WeirCurl

/// How requests reach AWS. Used by one caller at a time; calls block.
protocol CloudWatchExchange {
  /// Sends a body to CloudWatch.
  ///
  /// - Parameter hasEnded: Asked meanwhile, about once a second; the request is given up when it is true.
  func send(
    _ body: [UInt8], isPacked: Bool, _ credentials: AWSCredentials, milliseconds: Int,
    hasEnded: @escaping @Sendable () -> Bool
  ) throws(CurlConnection.Failure) -> CurlConnection.Answer

  func findCredentials(
    hasEnded: @escaping @Sendable () -> Bool
  ) throws(AWSFailure) -> AWSCredentials
}

/// Requests by libcurl. Each that is signed has a connection of its own.
final class CurlExchange: CloudWatchExchange {
  /// A token, or an answer with credentials, is shorter.
  private static let secretBytesMax = 64 << 10
  private static let connectSeconds = 5

  private let url: String
  private let region: String
  private let environment: [String: String]
  private var connection: CurlConnection?

  /// - Parameters:
  ///   - url: Where metrics are pushed.
  ///   - environment: Variables of this process.
  init(_ url: String, region: String, environment: [String: String]) {
    self.url = url
    self.region = region
    self.environment = environment
  }

  func send(
    _ body: [UInt8], isPacked: Bool, _ credentials: AWSCredentials, milliseconds: Int,
    hasEnded: @escaping @Sendable () -> Bool
  ) throws(CurlConnection.Failure) -> CurlConnection.Answer {
    var request = CurlConnection.Request(url: url)
    request.headers = ["Content-Type: application/x-www-form-urlencoded"]
    if isPacked { request.headers.append("Content-Encoding: gzip") }
    if let token = credentials.sessionToken {
      request.headers.append("X-Amz-Security-Token: \(token)")
    }
    request.body = body
    request.hasEnded = hasEnded
    request.signature = CurlConnection.Signature(
      region: region, service: "monitoring", accessKey: credentials.accessKey,
      secretKey: credentials.secretKey)
    return try connected().send(request, milliseconds: milliseconds)
  }

  private func connected() throws(CurlConnection.Failure) -> CurlConnection {
    if let connection { return connection }
    let made = try CurlExchange.connect(usesProxy: true)
    connection = made
    return made
  }

  private static func connect(usesProxy: Bool) throws(CurlConnection.Failure) -> CurlConnection {
    var settings = CurlConnection.Settings(userAgent: "weir/\(Version.current)")
    settings.usesProxy = usesProxy
    // The machine's own services answer at once, or not at all.
    settings.connectSeconds = usesProxy ? connectSeconds : 1
    settings.answerBytesMax = secretBytesMax
    return try CurlConnection(settings)
  }

  /// Its connections are not kept, because they are needed once an hour at most.
  func findCredentials(
    hasEnded: @escaping @Sendable () -> Bool
  ) throws(AWSFailure) -> AWSCredentials {
    let environment = environment
    return try AWSCredentialChain(
      region: region, environment: { environment[$0] }, readFile: CurlExchange.token,
      ask: { asked throws(AWSFailure) in try CurlExchange.ask(asked, hasEnded) }
    ).find()
  }

  private static func token(_ path: String) throws(AWSFailure) -> String {
    do throws(FileTrouble) {
      let file = try FileContents.read(path, bytesMax: secretBytesMax)
      return String(decoding: file.bytes, as: UTF8.self)
    } catch {
      throw AWSFailure("\(path) can't be read: \(error)")
    }
  }

  private static func ask(
    _ asked: AWSCredentialChain.Request, _ hasEnded: @escaping @Sendable () -> Bool
  ) throws(AWSFailure) -> AWSCredentialChain.Answer {
    var request = CurlConnection.Request(url: asked.url)
    request.method = asked.method
    request.headers = asked.headers
    request.body = asked.body
    request.hasEnded = hasEnded
    do throws(CurlConnection.Failure) {
      let connection = try connect(usesProxy: !asked.isLocal)
      let answer = try connection.send(request, milliseconds: asked.milliseconds)
      return .init(status: answer.status, text: answer.text)
    } catch {
      throw AWSFailure("there was no answer: \(error)")
    }
  }
}
