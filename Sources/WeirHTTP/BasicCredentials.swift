/// The user name and password of a request (Basic authentication, RFC 7617).
struct BasicCredentials: Equatable {
  let user: String
  let password: [UInt8]

  /// The credentials in the `Authorization` header. Nil if there is no such header or more than
  /// one, if the scheme is not Basic, or if the user name is not UTF-8.
  init?(_ headers: HTTPHeaders) {
    let values = headers.all("Authorization")
    guard values.count == 1 else { return nil }
    let parts = values[0].utf8.split(separator: UInt8(ascii: " "))
    guard parts.count == 2, String(parts[0])?.equalsIgnoringCase("Basic") == true,
      let bytes = Base64.decode(parts[1]),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let user = String(validating: bytes[..<colon], as: UTF8.self)
    else { return nil }
    self.user = user
    password = Array(bytes[(colon + 1)...])
  }
}
