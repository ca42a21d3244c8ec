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
  private let makeExchange: @Sendable () -> any CloudWatchExchange
  private var exchange: (any CloudWatchExchange)?
  private var credentials: AWSCredentials?

  init(
    meter: CloudWatchMeter, wallClock: @escaping @Sendable () -> timespec,
    makeExchange: @escaping @Sendable () -> any CloudWatchExchange
  ) {
    self.meter = meter
    self.wallClock = wallClock
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
  ///
  /// - Parameter end: When Weir stops; nil while it does not.
  mutating func attempt(
    _ packed: (body: [UInt8], isPacked: Bool), by end: ContinuousClock.Instant?
  ) -> Outcome {
    var milliseconds = CloudWatchSender.requestSeconds * 1_000
    if let end {
      milliseconds = min(milliseconds, Int((end - .now) / .milliseconds(1)))
      guard milliseconds > 0 else { return .later(.unreachable, "Weir stops") }
    }
    let exchange = self.exchange ?? makeExchange()
    self.exchange = exchange
    let credentials: AWSCredentials
    do throws(AWSFailure) {
      credentials = try currentCredentials(exchange)
    } catch {
      return .forbidden("no credentials: \(error)", wasAsked: false)
    }
    do throws(CurlConnection.Failure) {
      let answer = try exchange.send(
        packed.body, isPacked: packed.isPacked, credentials, milliseconds: milliseconds)
      return CloudWatchSender.outcome(answer, credentials)
    } catch {
      if error.mayHaveArrived { meter.update { $0.uncertain += 1 } }
      return .later(.unreachable, credentials.redacted(error.description))
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
    _ exchange: any CloudWatchExchange
  ) throws(AWSFailure) -> AWSCredentials {
    let now = Double(wallClock().tv_sec)
    if let credentials, credentials.areFresh(at: now) { return credentials }
    do throws(AWSFailure) {
      let found = try exchange.findCredentials()
      credentials = found
      return found
    } catch {
      // Those that are near their end are better than none.
      if let credentials, credentials.expiresAt ?? .infinity > now { return credentials }
      throw error
    }
  }
}
