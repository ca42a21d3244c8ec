// Safety: the handle and the list of headers are made in `init`, used by one caller at a time, and freed once, in
// `deinit`. libcurl copies texts, and reads the body and calls the writer only during `perform`, while the body's
// buffer and the context, a local value, are alive.

import CCurl
import WeirBytes

/// POST requests to one URL over a connection that is kept open, by libcurl.
///
/// TLS is always verified, at least version 1.2. Redirects are not followed. A proxy is used if the environment
/// names one (`https_proxy`, `http_proxy`, `no_proxy`), as libcurl does.
@safe
final class CurlPost {
  /// How long a connection may take, and a request with its answer.
  static let connectSeconds = 3
  static let requestSeconds = 10
  /// What is kept of an answer's body, for the log.
  static let answerBytesMax = 512

  struct Answer: Equatable {
    let status: Int
    /// The beginning of the body.
    let text: String
  }

  /// Why there was no answer.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let handle: UnsafeMutableRawPointer
  private let headers: UnsafeMutablePointer<curl_slist>?

  /// - Parameter credentials: `user:password`.
  init?(url: String, credentials: String?, caFile: String?, contentType: String) {
    guard CurlPost.isBegun, let handle = unsafe curl_easy_init() else { return nil }
    unsafe self.handle = handle
    var headers = unsafe curl_slist_append(nil, "Content-Type: \(contentType)")
    // curl would otherwise wait for a permission to send a long body.
    unsafe headers = curl_slist_append(headers, "Expect:")
    unsafe self.headers = headers
    set(CURLOPT_URL, url)
    unsafe _ = weir_curl_allow_http(handle)
    set(CURLOPT_USERAGENT, "weir/\(Version.current)")
    if let credentials {
      set(CURLOPT_USERPWD, credentials)
      set(CURLOPT_HTTPAUTH, 1)
    }
    if let caFile { set(CURLOPT_CAINFO, caFile) }
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, 6)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT, CurlPost.connectSeconds)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_POST, 1)
    unsafe _ = weir_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    unsafe _ = weir_curl_set_writer(handle) { bytes, size, count, context in
      let length = size * count
      if let bytes = unsafe bytes, let context = unsafe context {
        let text = unsafe context.assumingMemoryBound(to: [UInt8].self)
        let room = unsafe max(0, CurlPost.answerBytesMax - text.pointee.count)
        for index in 0..<min(length, room) {
          unsafe text.pointee.append(UInt8(bitPattern: bytes[index]))
        }
      }
      return length
    }
  }

  deinit {
    unsafe curl_slist_free_all(headers)
    unsafe curl_easy_cleanup(handle)
  }

  /// Sends a body, and waits for the answer.
  ///
  /// - Parameter milliseconds: For how long; at least 1, because libcurl takes 0 as no limit.
  func post(
    _ body: [UInt8], milliseconds: Int = CurlPost.requestSeconds * 1_000
  ) throws(Failure) -> Answer {
    var answer: [UInt8] = []
    var status = 0
    set(CURLOPT_TIMEOUT_MS, max(1, milliseconds))
    set(CURLOPT_POSTFIELDSIZE, body.count)
    let code = unsafe withUnsafeMutablePointer(to: &answer) { answer in
      unsafe body.withUnsafeBytes { bytes in
        unsafe _ = weir_curl_set_pointer(handle, CURLOPT_WRITEDATA, answer)
        unsafe _ = weir_curl_set_pointer(
          handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        return unsafe curl_easy_perform(handle)
      }
    }
    guard code == CURLE_OK else {
      throw Failure(description: unsafe String(cString: curl_easy_strerror(code)))
    }
    unsafe _ = weir_curl_status(handle, &status)
    return Answer(status: status, text: String(decoding: answer, as: UTF8.self))
  }

  private static let isBegun = weir_curl_begin() == CURLE_OK

  private func set(_ option: CURLoption, _ value: String) {
    unsafe _ = weir_curl_set_text(handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: Int) {
    unsafe _ = weir_curl_set_long(handle, option, value)
  }
}
