import WeirAggregation
import WeirExposition
import WeirMetrics
import WeirPush

extension OwnMetrics {
  /// What instances push, and what was lost or refused.
  var pushFamilies: [OwnFamily] { frameFamilies + recordFamilies + instanceFamilies }

  private var frameFamilies: [OwnFamily] {
    let (totals, refused) = (status.push.totals, status.push.refused)
    return [
      OwnFamily(
        "weir_push_frames_total", .counter, "Pushed frames accepted, without duplicates.",
        Double(totals.frames)),
      OwnFamily(
        "weir_push_frames_late_total", .counter,
        "Pushed frames that arrived after newer ones of their instance.", Double(totals.late)),
      OwnFamily(
        "weir_push_frames_duplicate_total", .counter,
        "Pushed frames that were duplicates, or too old to tell.", Double(totals.duplicates)),
      OwnFamily(
        "weir_push_frames_lost_total", .counter,
        "Pushed frames still missing after 1,024 newer ones.", Double(totals.lost)),
      OwnFamily(
        "weir_push_frames_refused_total", .counter, "Pushed frames that were refused.",
        samples: PushRefusal.allCases.map {
          (OwnFamily.label("reason", "\($0.label)"), Double(refused.frames[Int($0.rawValue)]))
        }),
      OwnFamily(
        "weir_push_answers_total", .counter, "Answers to frames that asked for one.",
        Double(refused.answers)),
      OwnFamily(
        "weir_push_answers_lost_total", .counter,
        "Answers that the kernel did not accept for sending.",
        Double(refused.answersLost)),
    ]
  }

  private var recordFamilies: [OwnFamily] {
    [
      OwnFamily(
        "weir_push_records_total", .counter, "Records of pushed frames that were applied.",
        Double(status.push.totals.records)),
      OwnFamily(
        "weir_push_records_refused_total", .counter,
        "Records of pushed frames that were refused.", samples: refusedRecords),
      OwnFamily(
        "weir_push_totals", .gauge,
        "Totals of all instances, one for each 50 bytes; --limit.push-totals bounds them.",
        Double(status.push.totals.totals)),
    ]
  }

  private var instanceFamilies: [OwnFamily] {
    let totals = status.push.totals
    return [
      OwnFamily(
        "weir_push_instances", .gauge,
        "Instances that push, and those that did within the last day (absorbed).",
        samples: [
          (OwnFamily.label("state", "live"), Double(totals.live)),
          (OwnFamily.label("state", "absorbed"), Double(totals.instances - totals.live)),
        ]),
      OwnFamily(
        "weir_push_instances_absorbed_total", .counter,
        "Instances retired because they were silent for --push.owner-ttl.", Double(totals.retired)),
      OwnFamily(
        "weir_push_instances_returned_total", .counter,
        "Instances that pushed again after they were retired.", Double(totals.returned)),
      OwnFamily(
        "weir_push_instances_forgotten_total", .counter,
        "Instances forgotten after a day (age), or earlier to make room: retired ones (room), or "
          + "those that had brought no record (empty).",
        samples: [
          (OwnFamily.label("reason", "age"), Double(totals.forgottenByAge)),
          (OwnFamily.label("reason", "room"), Double(totals.forgottenForRoom)),
          (OwnFamily.label("reason", "empty"), Double(totals.forgottenEmpty)),
        ]),
    ]
  }

  /// By the reasons of records, and those of lines that are about series.
  private var refusedRecords: [(labels: String, value: Double)] {
    let refused = status.push.refused
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
  /// Whether it is about a series, and not about how a line is written.
  var isOfSeries: Bool {
    switch self {
    case .emptyName, .typeClash, .reservedName, .tooManyLabels, .nameTooLong, .labelNameTooLong,
      .labelValueTooLong, .seriesTooLong, .tooManySeries, .tooManySeriesOfName, .tooManyNames,
      .tooManySets:
      true
    case .invalidUTF8, .missingValue, .missingType, .unknownType, .badValue, .notANumber,
      .infinite, .negativeCounter, .badRate, .zeroRate, .negativeRate, .rateAboveOne,
      .badTimestamp, .repeatedField, .mixedTagStyles, .unclosedTags,
      .taggedMultiSample, .lineTooLong:
      false
    }
  }
}
