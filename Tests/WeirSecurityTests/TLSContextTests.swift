import Foundation
import Testing
import WeirSecurity

/// Settings come from files, which may be incomplete.
@Suite("TLS settings")
struct TLSContextTests {
  private func error(_ settings: TLSSettings) -> TLSSetupError? {
    do throws(TLSSetupError) {
      _ = try TLSContext(settings)
      return nil
    } catch {
      return error
    }
  }

  @Test("give the time at which the certificate expires")
  func notAfter() throws {
    let before = Date().timeIntervalSince1970
    let pair = try TestCertificate()
    let context = try TLSContext(TLSSettings(certificate: pair.certificate, key: pair.key))
    let end = try #require(context.notAfter)
    // openssl uses whole seconds.
    let days = 2.0 * 86_400
    #expect(end >= before.rounded(.down) + days && end <= Date().timeIntervalSince1970 + days)
  }

  @Test("accept several certificates, but none if one of them is truncated")
  func cutOff() throws {
    let (own, other) = (try TestCertificate(), try TestCertificate())
    var settings = TLSSettings(certificate: own.certificate + other.certificate, key: own.key)
    settings.clientCA = own.certificate + other.certificate + Array("and words\n".utf8)
    #expect(error(settings) == nil)
    for count in [30, other.certificate.count / 2, other.certificate.count - 30] {
      let half = own.certificate + other.certificate.prefix(count)
      var broken = settings
      broken.certificate = half
      #expect(error(broken) == .certificate)
      broken = settings
      broken.clientCA = half
      #expect(error(broken) == .clientCA)
    }
    settings.clientCA = Array("words\n".utf8)
    #expect(error(settings) == .clientCA)
  }
}
