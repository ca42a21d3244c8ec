// Safety: the SSL is made in `init` and freed in `deinit`, with its BIO, and kept as a number; every
// call on it is made under the lock, so that two threads never use it at once. Buffers are lent to
// OpenSSL for one call each, which copies what it keeps. OpenSSL's queue of errors belongs to the
// thread: it is emptied before every call, so that no session reads another's, and never read after
// a hop.

import COpenSSL
import WeirBytes

/// One connection's TLS over a socket that does not block, on the server's side.
///
/// Several threads may use it, one after the other: the handshake runs on another thread than the rest.
/// The socket stays the caller's, and must stay open while a call runs.
package final class TLSSession: Sendable {
  /// What a call found.
  package enum Outcome: Equatable, Sendable {
    /// Done; for bytes, so many.
    case done(Int)
    /// The peer has to send first.
    case wantsToRead
    /// The peer has to read first.
    case wantsToWrite
    /// The peer sends no more.
    case end
    /// The session is over, and nothing may be sent any more.
    case failed(Failure)
  }

  package enum Failure: Equatable, Sendable {
    /// The peer speaks plain HTTP.
    case plainHTTP
    /// The peer's certificate is missing or not one of those that may come in.
    case certificate
    /// The peer and the server have no version or no suite in common.
    case noCommonGround
    /// The connection broke off, or the bytes are no TLS.
    case other
  }

  private struct State {
    /// After a failure OpenSSL must not be asked to say goodbye.
    var isBroken = false
    var isOpen = false
  }

  private let address: UInt
  private let context: TLSContext
  private let state = Locked(State())

  /// A session whose handshake is still to come; nil where memory is short.
  package init?(_ context: TLSContext, descriptor: Int32) {
    self.context = context
    guard let raw = unsafe SSL_new(context.raw) else { return nil }
    address = UInt(bitPattern: raw)
    guard let bio = unsafe SocketBIO.make(descriptor) else {
      unsafe SSL_free(raw)
      return nil
    }
    unsafe SSL_set_bio(raw, bio, bio)
    unsafe SSL_set_accept_state(raw)
  }

  deinit {
    unsafe SSL_free(raw)
  }

  private var raw: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }

  /// Goes on with the handshake, as far as what has come allows.
  package func handshake() -> Outcome {
    state.withLock { state in
      begin()
      let result = unsafe SSL_do_handshake(raw)
      guard result == 1 else { return outcome(of: result, &state) }
      guard carriesAllowedName() else {
        state.isBroken = true
        return .failed(.certificate)
      }
      state.isOpen = true
      return .done(0)
    }
  }

  /// Whether the server has answered the client's hello, which is most of its work.
  package var hasAnswered: Bool {
    state.withLock { _ in unsafe BIO_number_written(SSL_get_wbio(raw)) > 0 }
  }

  /// Reads at most what one TLS record holds into `buffer`, which must not be empty.
  package func receive(into buffer: inout MutableSpan<UInt8>) -> Outcome {
    unsafe buffer.withUnsafeMutableBytes { bytes in
      state.withLock { state in
        begin()
        let result = unsafe SSL_read(raw, bytes.baseAddress, Int32(clamping: bytes.count))
        return result > 0 ? .done(Int(result)) : outcome(of: result, &state)
      }
    }
  }

  /// Sends the start of `bytes`, a record at most; a call after `wantsToWrite` must have the same
  /// bytes, wherever they lie.
  package func send(_ bytes: Span<UInt8>) -> Outcome {
    guard !bytes.isEmpty else { return .done(0) }
    return unsafe bytes.withUnsafeBytes { bytes in
      state.withLock { state in
        begin()
        let result = unsafe SSL_write(raw, bytes.baseAddress, Int32(clamping: bytes.count))
        return result > 0 ? .done(Int(result)) : outcome(of: result, &state)
      }
    }
  }

  /// Whether bytes wait inside, of which the socket knows nothing any more.
  package var hasPending: Bool { state.withLock { _ in unsafe SSL_pending(raw) > 0 } }

  /// Tells the peer that no more will come, where that can still be told.
  package func close() {
    state.withLock { state in
      guard state.isOpen, !state.isBroken else { return }
      state.isOpen = false
      ERR_clear_error()
      _ = unsafe SSL_shutdown(raw)
      ERR_clear_error()
    }
  }

  /// Before every call that may read.
  private func begin() {
    ERR_clear_error()
    unsafe SocketBIO.allowReading(SSL_get_rbio(raw))
  }

  private func outcome(of result: Int32, _ state: inout State) -> Outcome {
    let error = unsafe SSL_get_error(raw, result)
    switch error {
    case SSL_ERROR_WANT_READ: return .wantsToRead
    case SSL_ERROR_WANT_WRITE: return .wantsToWrite
    case SSL_ERROR_ZERO_RETURN: return .end
    default:
      state.isBroken = true
      let reason = weir_error_reason(ERR_peek_error())
      ERR_clear_error()
      return .failed(Self.failure(reason))
    }
  }

  private static func failure(_ reason: Int32) -> Failure {
    switch reason {
    case SSL_R_HTTP_REQUEST: .plainHTTP
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, SSL_R_CERTIFICATE_VERIFY_FAILED: .certificate
    case SSL_R_NO_SHARED_CIPHER, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW: .noCommonGround
    default: .other
    }
  }

  /// Whether the peer's certificate has one of the names that are let in, where only some are.
  private func carriesAllowedName() -> Bool {
    let allowed = context.settings.clientAllowedSANs
    if allowed.isEmpty { return true }
    guard let certificate = unsafe SSL_get1_peer_certificate(raw) else { return false }
    defer { unsafe X509_free(certificate) }
    guard
      let found = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
    else { return false }
    let names = OpaquePointer(found)
    defer { unsafe GENERAL_NAMES_free(names) }
    var index: Int32 = 0
    while true {
      var start: UnsafePointer<UInt8>?
      var count: Int32 = 0
      let kind = unsafe weir_alternative_name(names, index, &start, &count)
      if kind < 0 { return false }
      index += 1
      guard kind > 0 else { continue }
      let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
      let isAllowed =
        kind == GEN_IPADD
        ? allowed.contains { Self.address($0) == bytes }
        : allowed.contains { Array($0.utf8) == bytes }
      if isAllowed { return true }
    }
  }

  /// The bytes of an IP address as certificates have them; nil where `text` is none.
  private static func address(_ text: String) -> [UInt8]? {
    guard let octets = unsafe a2i_IPADDRESS(text) else { return nil }
    defer { unsafe ASN1_OCTET_STRING_free(octets) }
    return unsafe Array(
      UnsafeBufferPointer(
        start: ASN1_STRING_get0_data(octets), count: Int(ASN1_STRING_length(octets))))
  }
}
