import WeirExposition

extension OwnMetrics {
  /// What mapping rules did; empty without a file of them.
  var mappingFamilies: [OwnFamily] {
    guard let mapping = status.files.mapping else { return [] }
    let total = status.received
    return [
      OwnFamily(
        "weir_mapping_rules", .gauge, "Mapping rules in force.", Double(mapping.rules)),
      OwnFamily(
        "weir_mapping_samples_total", .counter,
        "Samples whose name a mapping rule gave (map), and those that one dropped (drop).",
        samples: [
          (OwnFamily.label("action", "map"), Double(total.samplesMapped)),
          (OwnFamily.label("action", "drop"), Double(total.samplesDropped)),
        ]),
      OwnFamily(
        "weir_mapping_config_last_reload_successful", .gauge,
        "Whether the last reload of the mapping rules succeeded; if not, the previous ones are kept.",
        mapping.reload.isSuccessful ? 1 : 0),
      OwnFamily(
        "weir_mapping_config_last_reload_success_timestamp_seconds", .gauge,
        "When the mapping rules were last reloaded successfully.", mapping.reload.successAt),
    ]
  }
}
