// Safety: the SSL is created in `init`, freed with its BIO in `deinit`, and stored as a number.
// Every call on it is made under the lock, so two threads never use it at once. Buffers are passed
// to OpenSSL for one call; it copies what it keeps. OpenSSL's error queue belongs to the thread: it
// is cleared before every call, and read only in the same call, so a session never reads the errors
// of another.

import COpenSSL
import WeirBytes

/// The server side of one TLS connection over a non-blocking socket.
///
/// Threads may use it one after another: the handshake runs on another thread than the rest. The
/// caller owns the socket and must keep it open while a call runs.
///
/// ```
/// HTTPTransport ─ plaintext ─▶ TLSSession ─▶ SSL ─ records ─▶ SocketBIO ─▶ socket
/// ```
package final class TLSSession: Sendable {
  /// The result of a call.
  package enum Outcome: Equatable, Sendable {
    /// The call succeeded; for `receive` and `send`, with the number of bytes.
    case done(Int)
    /// Repeat the call when the socket is readable.
    case wantsToRead
    /// Repeat the call when the socket is writable.
    case wantsToWrite
    /// The peer has sent `close_notify`.
    case end
    /// The session has failed; nothing may be sent or received any more.
    case failed(Failure)
  }

  package enum Failure: Equatable, Sendable {
    /// The peer speaks plain HTTP.
    case plainHTTP
    /// The peer's certificate is missing, invalid or not allowed.
    case certificate
    /// The peer and the server share no protocol version or no cipher suite.
    case noCommonVersionOrSuite
    /// The connection was lost, or the peer does not speak TLS.
    case other
  }

  private struct State {
    /// After a failure, OpenSSL does not allow `SSL_shutdown`.
    var hasFailed = false
    /// Whether the handshake has finished and no `close_notify` has been sent.
    var isOpen = false
  }

  private let address: UInt
  private let context: TLSContext
  private let state = Locked(State())

  /// A session whose handshake has not started; nil if there is no memory.
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

  /// Continues the handshake as far as the received bytes allow.
  package func handshake() -> Outcome {
    state.withLock { state in
      prepareCall()
      let result = unsafe SSL_do_handshake(raw)
      guard result == 1 else { return outcome(of: result, &state) }
      guard hasAllowedName() else {
        state.hasFailed = true
        return .failed(.certificate)
      }
      state.isOpen = true
      return .done(0)
    }
  }

  /// Whether the server has answered the client's hello, which is the expensive part of the
  /// handshake.
  package var hasAnsweredHello: Bool {
    state.withLock { _ in unsafe BIO_number_written(SSL_get_wbio(raw)) > 0 }
  }

  /// Reads the data of at most one TLS record.
  ///
  /// - Precondition: `buffer` is not empty.
  package func receive(into buffer: inout MutableSpan<UInt8>) -> Outcome {
    precondition(!buffer.isEmpty, "cannot receive into an empty buffer")
    return unsafe buffer.withUnsafeMutableBytes { bytes in
      state.withLock { state in
        prepareCall()
        let result = unsafe SSL_read(raw, bytes.baseAddress, Int32(clamping: bytes.count))
        return result > 0 ? .done(Int(result)) : outcome(of: result, &state)
      }
    }
  }

  /// Sends the start of `bytes`, at most one record. After `wantsToWrite`, the next call must pass
  /// the same bytes; their address may differ.
  package func send(_ bytes: Span<UInt8>) -> Outcome {
    guard !bytes.isEmpty else { return .done(0) }
    return unsafe bytes.withUnsafeBytes { bytes in
      state.withLock { state in
        prepareCall()
        let result = unsafe SSL_write(raw, bytes.baseAddress, Int32(clamping: bytes.count))
        return result > 0 ? .done(Int(result)) : outcome(of: result, &state)
      }
    }
  }

  /// Sends `close_notify`. Does nothing before the handshake has finished, after a failure, or the
  /// second time.
  package func sendCloseNotify() {
    state.withLock { state in
      guard state.isOpen, !state.hasFailed else { return }
      state.isOpen = false
      ERR_clear_error()
      _ = unsafe SSL_shutdown(raw)
      ERR_clear_error()
    }
  }

  /// Clears the thread's errors and resets the read budget. Needed before every call that may read.
  private func prepareCall() {
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
      state.hasFailed = true
      let reason = weir_error_reason(ERR_peek_error())
      ERR_clear_error()
      return .failed(Self.failure(reason))
    }
  }

  private static func failure(_ reason: Int32) -> Failure {
    switch reason {
    case SSL_R_HTTP_REQUEST: .plainHTTP
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, SSL_R_CERTIFICATE_VERIFY_FAILED: .certificate
    case SSL_R_NO_SHARED_CIPHER, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW:
      .noCommonVersionOrSuite
    default: .other
    }
  }

  /// Whether the peer's certificate has one of the allowed names, or all names are allowed.
  private func hasAllowedName() -> Bool {
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

  /// The bytes of an IP address as in certificates; nil if `text` is not an IP address.
  private static func address(_ text: String) -> [UInt8]? {
    guard let octets = unsafe a2i_IPADDRESS(text) else { return nil }
    defer { unsafe ASN1_OCTET_STRING_free(octets) }
    return unsafe Array(
      UnsafeBufferPointer(
        start: ASN1_STRING_get0_data(octets), count: Int(ASN1_STRING_length(octets))))
  }
}
