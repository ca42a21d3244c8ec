import WeirExposition
import WeirMetrics

extension OwnMetrics {
  /// The state on disk; empty without one.
  var stateFamilies: [OwnFamily] {
    guard let state = status.state else { return [] }
    return commitFamilies(state) + fileFamilies(state) + startFamilies(state.start)
  }

  private func commitFamilies(_ keeper: StateKeeper.Reading) -> [OwnFamily] {
    let totals = keeper.totals
    return [
      OwnFamily(
        "weir_state_protected", .gauge,
        "Whether a restart restores all that scrapes have shown (1), or the state can't be saved (0).",
        keeper.isProtected ? 1 : 0),
      OwnFamily(
        "weir_state_commits_total", .counter,
        "Commits of the state: on disk, refused by the disk, or given up because they took too long.",
        samples: [
          (OwnFamily.label("result", "committed"), totals.commitCount),
          (OwnFamily.label("result", "failed"), Double(totals.commitsFailed)),
          (OwnFamily.label("result", "late"), Double(totals.commitsLate)),
        ]),
      OwnFamily(
        "weir_state_commit_duration_seconds", "Time from the cut to the end of a commit.",
        buckets: totals.commits, sum: totals.commitSeconds.value),
      OwnFamily(
        "weir_state_last_commit_duration_seconds", .gauge, "Duration of the last commit.",
        totals.lastCommitSeconds),
      OwnFamily(
        "weir_state_last_commit_timestamp_seconds", .gauge, "When the last commit ended.",
        keeper.lastCommitAt),
      OwnFamily(
        "weir_state_answers_waiting", .gauge,
        "Answers to pushed frames that wait for a commit.", Double(keeper.answersWaiting)),
      OwnFamily(
        "weir_state_answers_dropped_total", .counter,
        "Answers to pushed frames that were not sent because too many waited; clients ask again.",
        Double(totals.answersDropped)),
    ]
  }

  private func fileFamilies(_ keeper: StateKeeper.Reading) -> [OwnFamily] {
    let totals = keeper.totals
    return [
      OwnFamily(
        "weir_state_written_bytes_total", .counter, "Bytes written to state files.",
        Double(totals.bytesWritten)),
      OwnFamily(
        "weir_state_file_bytes", .gauge, "Bytes of the state file; 0 while there is none.",
        Double(totals.fileBytes)),
      OwnFamily(
        "weir_state_bases_total", .counter,
        "New state files that replaced the old one, and those that were abandoned because of the disk.",
        samples: [
          (OwnFamily.label("result", "written"), Double(totals.bases)),
          (OwnFamily.label("result", "abandoned"), Double(totals.basesAbandoned)),
        ]),
    ]
  }

  private func startFamilies(_ start: StateStart) -> [OwnFamily] {
    [
      OwnFamily(
        "weir_state_restored_series", .gauge, "Series that the last start restored.",
        Double(start.series)),
      OwnFamily(
        "weir_state_restored_instances", .gauge, "Instances that the last start restored.",
        Double(start.instances)),
      OwnFamily(
        "weir_state_not_restored", .gauge,
        "Series and instances in the file that the last start did not restore, by reason.",
        samples: start.lost.map { (OwnFamily.label("reason", $0.reason), Double($0.count)) }),
      OwnFamily(
        "weir_state_files_set_aside", .gauge,
        "Whether the last start set a damaged or newer file aside, and began without it.",
        Double(start.setAside)),
      OwnFamily(
        "weir_state_torn_bytes", .gauge,
        "Bytes after the last commit of the file, which the last start dropped; no scrape showed them.",
        Double(start.tornBytes)),
      OwnFamily(
        "weir_state_clock_jumps", .gauge,
        "Whether the clocks jumped before the last start, so that instances that are older count from a "
          + "baseline.", Double(start.clockJumps)),
    ]
  }
}
