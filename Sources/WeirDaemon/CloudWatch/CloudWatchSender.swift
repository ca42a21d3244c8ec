import Glibc
import WeirCloudWatch
import WeirCurl
import WeirHTTP

/// Sends one request at a time, and looks for credentials when it needs some. Calls block.
struct CloudWatchSender {
  /// How long a request may take with its answer.
  static let requestSeconds = 10
  /// Shorter bodies fit into a packet, and are not compressed.
  static let plainBytesMax = 1_400
  /// There is a request a minute, and its bytes are what counts.
  static let gzipLevel: Int32 = 6

  enum Outcome {
    case accepted
    case refused(String)
    /// `wasAsked` if CloudWatch itself said so, and new credentials may help.
    case forbidden(String, wasAsked: Bool)
    case later(CloudWatchMeter.Fault, String)
  }

  private let meter: CloudWatchMeter
  private let wallClock: @Sendable () -> timespec
  private let stopTime: StopTime
  private let makeExchange: @Sendable () -> any CloudWatchExchange
  private var exchange: (any CloudWatchExchange)?
  private var credentials: AWSCredentials?

  init(
    meter: CloudWatchMeter, wallClock: @escaping @Sendable () -> timespec,
    stopTime: StopTime,
    makeExchange: @escaping @Sendable () -> any CloudWatchExchange
  ) {
    self.meter = meter
    self.wallClock = wallClock
    self.stopTime = stopTime
    self.makeExchange = makeExchange
  }

  /// A body as it is sent; nil if there is no memory.
  static func pack(_ body: [UInt8]) -> (body: [UInt8], isPacked: Bool)? {
    if body.count <= plainBytesMax { return (body, false) }
    return Deflater.gzip(body, level: gzipLevel).map { ($0, true) }
  }

  /// Makes the next attempt look for new credentials.
  mutating func forgetCredentials() { credentials = nil }

  /// Sends a request once.
  mutating func attempt(_ packed: (body: [UInt8], isPacked: Bool)) -> Outcome {
    if stopTime.hasPassed { return .later(.unreachable, "Weir stops") }
    let hasEnded = { @Sendable [stopTime] in stopTime.hasPassed }
    let exchange = self.exchange ?? makeExchange()
    self.exchange = exchange
    let credentials: AWSCredentials
    do throws(AWSFailure) {
      credentials = try currentCredentials(exchange, hasEnded)
    } catch {
      return .forbidden("no credentials: \(error)", wasAsked: false)
    }
    do throws(CurlConnection.Failure) {
      let answer = try exchange.send(
        packed.body, isPacked: packed.isPacked, credentials,
        milliseconds: CloudWatchSender.requestSeconds * 1_000, hasEnded: hasEnded)
      return CloudWatchSender.outcome(answer, credentials)
    } catch {
      if error.mayHaveArrived { meter.update { $0.uncertain += 1 } }
      let why = stopTime.hasPassed ? "Weir stops" : credentials.redacted(error.description)
      return .later(.unreachable, why)
    }
  }

  private static func outcome(
    _ answer: CurlConnection.Answer, _ credentials: AWSCredentials
  ) -> Outcome {
    switch CloudWatchAnswer(status: answer.status, body: answer.text, credentials: credentials) {
    case .accepted: .accepted
    case .refused(let sentence): .refused(sentence)
    case .forbidden(let sentence): .forbidden(sentence, wasAsked: true)
    case .later(let sentence): .later(.unavailable, sentence)
    }
  }

  private mutating func currentCredentials(
    _ exchange: any CloudWatchExchange, _ hasEnded: @escaping @Sendable () -> Bool
  ) throws(AWSFailure) -> AWSCredentials {
    let now = Double(wallClock().tv_sec)
    if let credentials, credentials.areFresh(at: now) { return credentials }
    do throws(AWSFailure) {
      let found = try exchange.findCredentials(hasEnded: hasEnded)
      credentials = found
      return found
    } catch {
      // Those that are near their end are better than none.
      if let credentials, credentials.expiresAt ?? .infinity > now { return credentials }
      throw error
    }
  }
}
