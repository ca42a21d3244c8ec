extension HTTPRequest {
  /// The body without its content coding.
  ///
  /// - Parameter bytesMax: The longest body that is unpacked: a few bytes can stand for very many.
  /// - Throws: 413 or 400, and what to change.
  /// - Complexity: O(bytes of the result).
  package func unpackedBody(bytesMax: Int) throws(HTTPBodyFailure) -> [UInt8] {
    guard isGzipped else { return body }
    do throws(Inflater.Failure) {
      return try Inflater.unpack(body, bytesMax: bytesMax)
    } catch {
      switch error {
      case .tooLong:
        throw HTTPBodyFailure(
          413, "the request body exceeds \(bytesMax) bytes when it is unpacked; send a smaller one")
      case .malformed: throw HTTPBodyFailure(400, "the request body is not in the gzip format")
      case .cutOff: throw HTTPBodyFailure(400, "the compressed request body is cut off")
      case .noMemory: throw HTTPBodyFailure(503, "there is no memory to unpack the request body")
      }
    }
  }

  /// The content codings of the body but `identity`, which means none.
  var contentCodings: [String] {
    headers.all("Content-Encoding").flatMap { $0.split(separator: ",") }
      .map { String($0).trimmed }.filter { !$0.isEmpty && !$0.equalsIgnoringCase("identity") }
  }

  /// Whether one coding was applied, and that is gzip. `x-gzip` is its old name (RFC 9110, 8.4.1.3).
  var isGzipped: Bool {
    let codings = contentCodings
    return codings.count == 1
      && (codings[0].equalsIgnoringCase("gzip") || codings[0].equalsIgnoringCase("x-gzip"))
  }
}
