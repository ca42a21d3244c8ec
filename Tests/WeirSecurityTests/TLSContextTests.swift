import Foundation
import Testing
import WeirSecurity

/// Settings that are made of files, which may be half written.
@Suite("The settings of TLS")
struct TLSContextTests {
  private func error(_ settings: TLSSettings) -> TLSSetupError? {
    do throws(TLSSetupError) {
      _ = try TLSContext(settings)
      return nil
    } catch {
      return error
    }
  }

  @Test("tell when the certificate ends")
  func notAfter() throws {
    let before = Date().timeIntervalSince1970
    let pair = try TestCertificate()
    let context = try TLSContext(TLSSettings(certificate: pair.certificate, key: pair.key))
    let end = try #require(context.notAfter)
    // openssl counts whole seconds, from its own start.
    let days = 2.0 * 86_400
    #expect(end >= before.rounded(.down) + days && end <= Date().timeIntervalSince1970 + days)
  }

  @Test("take certificates one after another, and none where one of them is cut off")
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
