import Testing
import WeirConfiguration
import WeirHTTP

@testable import WeirDaemon

@Suite("The limits of the HTTP server on the command line")
struct WebLimitOptionsTests {
  /// The limits that have a flag.
  private func limits(_ limits: HTTPLimits) -> [Double] {
    [
      Double(limits.connectionsMax), Double(limits.requestHeadBytesMax), Double(limits.headersMax),
      limits.idleSecondsMax, limits.headReadSecondsMax,
    ]
  }

  @Test("have the server's own defaults")
  func defaults() {
    #expect(limits(HTTPLimits(Options(cores: 1).web)) == limits(HTTPLimits()))
  }

  @Test("are set by a flag each")
  func mapping() throws {
    let flags = [
      "--web.max-connections=7", "--web.max-header-bytes=2KiB", "--web.max-headers=9",
      "--web.idle-timeout=1500ms", "--web.read-header-timeout=3s",
    ]
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      Issue.record("\(flags) does not run")
      return
    }
    #expect(limits(HTTPLimits(options.web)) == [7, 2_048, 9, 1.5, 3])
  }
}
