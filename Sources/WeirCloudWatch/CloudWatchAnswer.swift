/// What an answer of CloudWatch means for what was sent.
package enum CloudWatchAnswer: Sendable, Equatable {
  /// It is counted there.
  case accepted
  /// It was not taken now, and may be taken later.
  case later(String)
  /// The credentials are not accepted.
  case forbidden(String)
  /// It will never be taken.
  case refused(String)

  private static let throttling: Set<String> = [
    "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException",
    "LimitExceeded", "InternalFailure", "InternalServiceFault", "ServiceUnavailable",
    "RequestTimeout",
  ]
  private static let forbidding: Set<String> = [
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException",
    "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException",
    "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized",
    "OptInRequired", "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
  ]

  private static let messageCharactersMax = 200

  /// - Parameters:
  ///   - body: The beginning of it. It may repeat headers of the request, so that only its code and the first line
  ///     of its message are used.
  package init(status: Int, body: String, credentials: AWSCredentials) {
    let code = AWSAnswer.errorCode(in: body)
    // Redacted as a whole, because a part of a secret would not be found.
    let message = AWSAnswer.errorMessage(in: body).map {
      String(credentials.redacted($0).prefix(CloudWatchAnswer.messageCharactersMax))
    }
    let sentence = ["CloudWatch answered \(status)", code, message].compactMap { $0 }
      .joined(separator: ": ")
    switch (status, code) {
    case (200...299, _): self = .accepted
    case (_, let code?) where CloudWatchAnswer.throttling.contains(code): self = .later(sentence)
    case (_, let code?) where CloudWatchAnswer.forbidding.contains(code):
      self = .forbidden(sentence)
    case (401, _), (403, _): self = .forbidden(sentence)
    // Without a code it is of something in between, such as a proxy.
    case (400, _?), (413, _?): self = .refused(sentence)
    default: self = .later(sentence)
    }
  }
}
