import Foundation
import Testing
import WeirSecurity

/// Settings that are made of files, which may be half written.
@Suite("The settings of TLS")
struct TLSContextTests {
  private struct Pair {
    let certificate: [UInt8]
    let key: [UInt8]
  }

  /// A certificate that has signed itself, for two days.
  private static func pair() throws -> Pair {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-context-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (key, certificate) = (folder.appending(path: "key"), folder.appending(path: "crt"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-days", "2", "-subj", "/CN=weir.test", "-keyout", key.path, "-out", certificate.path,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Pair(
      certificate: Array(try Data(contentsOf: certificate)), key: Array(try Data(contentsOf: key)))
  }

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
    let pair = try Self.pair()
    let context = try TLSContext(TLSSettings(certificate: pair.certificate, key: pair.key))
    let end = try #require(context.notAfter)
    // openssl counts whole seconds, from its own start.
    let days = 2.0 * 86_400
    #expect(end >= before.rounded(.down) + days && end <= Date().timeIntervalSince1970 + days)
  }

  @Test("take certificates one after another, and none where one of them is cut off")
  func cutOff() throws {
    let (own, other) = (try Self.pair(), try Self.pair())
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
