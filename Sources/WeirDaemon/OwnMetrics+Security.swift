import WeirExposition
import WeirHTTP

extension OwnMetrics {
  /// Who was not let in, and whether the files that say so are in order.
  func securityFamilies() -> [OwnFamily] {
    let statistics = http.read()
    var families = [
      OwnFamily(
        "weir_tls_handshakes_total", .counter, "TLS handshakes that came to their end.",
        Double(statistics.handshakesDone)),
      OwnFamily(
        "weir_tls_handshake_failures_total", .counter, "TLS handshakes that did not, by reason.",
        samples: HandshakeFailure.allCases.map {
          (
            OwnFamily.label("reason", $0.rawValue), Double(statistics.handshakesFailed[$0] ?? 0)
          )
        }),
    ]
    if let keysFile = keysFile?.read() {
      families += [
        OwnFamily(
          "weir_push_keys_last_reload_successful", .gauge,
          "Whether the keys could be read at the last try; those before are in force where not.",
          keysFile.isSuccessful ? 1 : 0),
        OwnFamily(
          "weir_push_keys_last_reload_success_timestamp_seconds", .gauge,
          "When the keys were last read well.", keysFile.successAt),
      ]
    }
    guard let webFile = webFile?.read() else { return families }
    families += [
      OwnFamily(
        "weir_web_config_last_reload_successful", .gauge,
        "Whether the web configuration could be read at the last try; the one before is in force "
          + "where not.",
        webFile.isSuccessful ? 1 : 0),
      OwnFamily(
        "weir_web_config_last_reload_success_timestamp_seconds", .gauge,
        "When the web configuration was last read well.", webFile.successAt),
    ]
    if let end = webFile.certificateEnd {
      families.append(
        OwnFamily(
          "weir_tls_certificate_not_after_timestamp_seconds", .gauge,
          "When the server's certificate in force ends.", end))
    }
    return families
  }
}
