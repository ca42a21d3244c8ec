import WeirAggregation
import WeirExposition
import WeirMetrics
import WeirPush

extension OwnMetrics {
  /// What instances push, and what of it got lost.
  func pushFamilies(_ totals: PushTotals) -> [OwnFamily] {
    let refused = pushed.meter.reading
    return [
      OwnFamily(
        "weir_push_frames_total", .counter, "Pushed frames taken in, each once.",
        Double(totals.frames)),
      OwnFamily(
        "weir_push_frames_late_total", .counter,
        "Pushed frames that came behind newer ones of their instance.", Double(totals.late)),
      OwnFamily(
        "weir_push_frames_duplicate_total", .counter,
        "Pushed frames that had come before, or are too old to know.", Double(totals.duplicates)),
      OwnFamily(
        "weir_push_frames_lost_total", .counter,
        "Pushed frames that have not come while many newer ones did.", Double(totals.lost)),
      OwnFamily(
        "weir_push_frames_refused_total", .counter, "Pushed frames that were not taken in.",
        samples: PushRefusal.allCases.map {
          (OwnFamily.label("reason", "\($0.label)"), Double(refused.frames[Int($0.rawValue)]))
        }),
      OwnFamily(
        "weir_push_records_total", .counter, "Records of pushed frames that were applied.",
        Double(totals.records)),
      OwnFamily(
        "weir_push_records_refused_total", .counter,
        "Records of pushed frames that were not taken in.", samples: refusedRecords(refused)),
      OwnFamily(
        "weir_push_answers_total", .counter, "Answers given to frames that asked for one.",
        Double(refused.answers)),
      OwnFamily(
        "weir_push_answers_lost_total", .counter, "Answers that the kernel did not take.",
        Double(refused.answersLost)),
    ] + instanceFamilies(totals)
  }

  private func instanceFamilies(_ totals: PushTotals) -> [OwnFamily] {
    [
      OwnFamily(
        "weir_push_instances", .gauge,
        "Instances that push, and those that did within the last day.",
        samples: [
          (OwnFamily.label("state", "live"), Double(totals.live)),
          (OwnFamily.label("state", "absorbed"), Double(totals.instances - totals.live)),
        ]),
      OwnFamily(
        "weir_push_instances_absorbed_total", .counter,
        "Instances that fell silent for --push.owner-ttl.", Double(totals.absorbed)),
      OwnFamily(
        "weir_push_instances_returned_total", .counter,
        "Instances heard of again after they were absorbed.", Double(totals.returned)),
      OwnFamily(
        "weir_push_instances_forgotten_total", .counter,
        "Instances forgotten after a day, or before it to make room: absorbed ones (room), or those that "
          + "had brought no record (empty).",
        samples: [
          (OwnFamily.label("reason", "age"), Double(totals.forgottenByAge)),
          (OwnFamily.label("reason", "room"), Double(totals.forgottenForRoom)),
          (OwnFamily.label("reason", "empty"), Double(totals.forgottenEmpty)),
        ]),
      OwnFamily(
        "weir_push_totals", .gauge,
        "Totals known of all instances, one for each 50 bytes; --limit.push-totals bounds them.",
        Double(totals.totals)),
    ]
  }

  /// By the reasons of records, and those of lines that speak of series.
  private func refusedRecords(
    _ refused: PushMeter.Reading
  ) -> [(labels: String, value: Double)] {
    let records = RecordRefusal.allCases.map {
      (OwnFamily.label("reason", "\($0.label)"), Double(refused.records[Int($0.rawValue)]))
    }
    let series = Refusal.allCases.filter(\.isOfSeries).map {
      (OwnFamily.label("reason", "\($0.label)"), Double(refused.series[Int($0.rawValue)]))
    }
    return records + series
  }
}

extension Refusal {
  /// Whether it says something of a series, and not of how a line is written.
  fileprivate var isOfSeries: Bool {
    switch self {
    case .emptyName, .typeClash, .reservedName, .tooManyLabels, .nameTooLong, .labelNameTooLong,
      .labelValueTooLong, .seriesTooLong, .tooManySeries, .tooManySeriesOfName, .tooManyNames,
      .tooManySets:
      true
    case .invalidUTF8, .missingValue, .missingType, .unknownType, .badValue, .notANumber,
      .infinite, .negativeCounter, .badRate, .zeroRate, .negativeRate, .rateAboveOne,
      .badTimestamp, .repeatedField, .mixedTagStyles, .unclosedTags,
      .taggedMultiSample:
      false
    }
  }
}
