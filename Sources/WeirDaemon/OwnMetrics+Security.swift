import WeirExposition
import WeirHTTP

extension OwnMetrics {
  /// Failed handshakes, and whether the files of keys and of the web configuration are in order.
  var securityFamilies: [OwnFamily] {
    let statistics = status.http
    var families = [
      OwnFamily(
        "weir_tls_handshakes_total", .counter, "TLS handshakes that succeeded.",
        Double(statistics.handshakesDone)),
      OwnFamily(
        "weir_tls_handshake_failures_total", .counter, "TLS handshakes that failed, by reason.",
        samples: HandshakeFailure.allCases.map {
          (
            OwnFamily.label("reason", $0.rawValue), Double(statistics.handshakesFailed[$0] ?? 0)
          )
        }),
    ]
    if let keysFile = status.files.keys {
      families += [
        OwnFamily(
          "weir_push_keys_last_reload_successful", .gauge,
          "Whether the last reload of the keys succeeded; if not, the previous keys are kept.",
          keysFile.isSuccessful ? 1 : 0),
        OwnFamily(
          "weir_push_keys_last_reload_success_timestamp_seconds", .gauge,
          "When the keys were last reloaded successfully.", keysFile.successAt),
      ]
    }
    guard let webFile = status.files.web else { return families }
    families += [
      OwnFamily(
        "weir_web_config_last_reload_successful", .gauge,
        "Whether the last reload of the web configuration succeeded; if not, the previous one is "
          + "kept.",
        webFile.isSuccessful ? 1 : 0),
      OwnFamily(
        "weir_web_config_last_reload_success_timestamp_seconds", .gauge,
        "When the web configuration was last reloaded successfully.", webFile.successAt),
    ]
    if let end = webFile.certificateEnd {
      families.append(
        OwnFamily(
          "weir_tls_certificate_not_after_timestamp_seconds", .gauge,
          "When the server's certificate expires.", end))
    }
    return families
  }
}
