/// The web configuration file of the Prometheus exporters: TLS, users, headers and rate limit.
///
/// Everything is checked that needs no cryptography; only OpenSSL can check that certificate and
/// key belong together.
package struct WebConfig: Sendable, Equatable {
  /// The file as the operator wrote it.
  package let file: String
  /// Nil serves plain HTTP.
  package var tls: TLS?
  /// Users by name; empty requires no password.
  package var users: [User] = []
  /// Headers of every answer.
  package var headers: [Header] = []
  /// The greatest rate of requests; nil for no limit.
  package var rateLimit: RateLimit?
  /// Whole sentences about what is allowed but should be changed.
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

  /// `rate_limit`: a token bucket of `burst` requests, to which each interval adds one.
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
    /// Names, addresses and URIs, one of which a client's certificate must have; empty requires
    /// none.
    package var clientAllowedSANs: [String] = []
    package var minVersion = Version.tls12
    package var maxVersion = Version.tls13
    /// Cipher suites of TLS 1.2, by OpenSSL's names; empty for Weir's default.
    package var cipherSuites12: [String] = []
    /// The same for TLS 1.3.
    package var cipherSuites13: [String] = []
    package var prefersServerCipherSuites = true
    /// Groups by OpenSSL's names; empty for OpenSSL's default.
    package var groups: [String] = []
    package var groupsLine: Int?
  }

  /// A certificate or a key in PEM, and where it was given.
  package struct PEM: Sendable, Equatable {
    package let bytes: [UInt8]
    /// The key in the file, such as `cert_file`.
    package let key: String
    package let line: Int
    /// The file that it was read from; nil if it is in the configuration itself.
    package let path: String?
  }

  /// Whether a client certificate is requested, by Go's names.
  package enum ClientAuth: String, CaseIterable, Sendable {
    case none = "NoClientCert"
    case request = "RequestClientCert"
    case requireAny = "RequireAnyClientCert"
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"

    /// Whether a client's certificate is verified with `client_ca_file`.
    package var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }

    /// Whether clients without a certificate are refused.
    var requires: Bool { self == .requireAny || self == .requireAndVerify }
  }

  package enum Version: String, CaseIterable, Comparable, Sendable {
    case tls12 = "TLS12"
    case tls13 = "TLS13"

    package static func < (left: Version, right: Version) -> Bool {
      left == .tls12 && right == .tls13
    }
  }

  /// Bytes of a file of certificates: the roots of an operating system are 220 KB.
  static let pemBytesMax = 1 << 20

  init(file: String) {
    self.file = file
  }

  /// The files on which the configuration depends, beginning with itself.
  package var files: [String] {
    [file] + [tls?.certificate, tls?.key, tls?.clientCA].compactMap { $0?.path }
  }

  /// A mistake in this file.
  package func mistake(_ line: Int, _ sentence: String) -> FileMistake {
    FileMistake(file, line: line, sentence)
  }
}
