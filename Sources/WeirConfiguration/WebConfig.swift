/// The web configuration file of the Prometheus exporters: who may come in, and how.
///
/// Everything that can be told without cryptography has been checked; whether certificate and key
/// belong together only OpenSSL knows.
package struct WebConfig: Sendable, Equatable {
  /// The file as the operator names it.
  package let file: String
  /// Nil serves plain HTTP.
  package var tls: TLS?
  /// Users by name; empty lets everybody in.
  package var users: [User] = []
  /// Headers that every answer carries.
  package var headers: [Header] = []
  /// How many requests are answered in a time; nil answers all.
  package var rateLimit: RateLimit?
  /// What is no mistake, and yet should not stay so: whole sentences.
  package var warnings: [String] = []

  package struct User: Sendable, Equatable {
    package let name: String
    /// A bcrypt hash in `crypt`'s form: `$2b$10$…`.
    package let hash: String
  }

  package struct Header: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  /// `rate_limit`: a bucket that holds `burst` requests, and is given one more each interval.
  package struct RateLimit: Sendable, Equatable {
    package let intervalNanoseconds: Int
    package let burst: Int
  }

  /// `tls_server_config`.
  package struct TLS: Sendable, Equatable {
    package var certificate: PEM
    package var key: PEM
    package var clientCA: PEM?
    package var clientAuth = ClientAuth.none
    /// Names, addresses and URIs, one of which a client's certificate must carry; empty asks none.
    package var clientAllowedSANs: [String] = []
    package var minVersion = Version.tls12
    package var maxVersion = Version.tls13
    /// Cipher suites by OpenSSL's names, those of TLS 1.2; empty leaves the choice to Weir.
    package var cipherSuites12: [String] = []
    /// The same of TLS 1.3.
    package var cipherSuites13: [String] = []
    package var prefersServerCipherSuites = true
    /// Groups by OpenSSL's names; empty leaves the choice to OpenSSL.
    package var groups: [String] = []
    package var groupsLine: Int?
  }

  /// A certificate or a key in PEM, and where it was given.
  package struct PEM: Sendable, Equatable {
    package let bytes: [UInt8]
    /// The key in the file, such as `cert_file`.
    package let key: String
    package let line: Int
    /// The file that it came from; nil where it stands in the configuration itself.
    package let path: String?
  }

  /// How a client's certificate is asked for, by Go's names.
  package enum ClientAuth: String, CaseIterable, Sendable {
    case none = "NoClientCert"
    case request = "RequestClientCert"
    case requireAny = "RequireAnyClientCert"
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"

    /// Whether a certificate that comes is held against `client_ca_file`.
    package var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }

    /// Whether nobody comes in without a certificate.
    var requires: Bool { self == .requireAny || self == .requireAndVerify }
  }

  package enum Version: String, CaseIterable, Comparable, Sendable {
    case tls12 = "TLS12"
    case tls13 = "TLS13"

    package static func < (left: Version, right: Version) -> Bool {
      left == .tls12 && right == .tls13
    }
  }

  /// Bytes of a file of certificates: the roots of a whole operating system are 220 KB.
  static let pemBytesMax = 1 << 20

  init(file: String) {
    self.file = file
  }

  /// The files on which the configuration depends, itself first.
  package var files: [String] {
    [file] + [tls?.certificate, tls?.key, tls?.clientCA].compactMap { $0?.path }
  }

  /// A mistake in this file.
  package func mistake(_ line: Int, _ sentence: String) -> FileMistake {
    FileMistake(file, line: line, sentence)
  }
}
