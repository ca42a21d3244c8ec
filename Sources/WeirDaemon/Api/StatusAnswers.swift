import Glibc
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirInsight
import WeirJSON
import WeirMetrics
import WeirPush
import WeirSockets
import WeirTerminal
import WeirWire

/// The questions of the API that read what is kept anyway, and cost next to nothing.
struct StatusAnswers: Sendable {
  /// The names and senders of `status`.
  static let busiestMax = 8

  let insight: Insight
  let status: StatusReader
  let traffic: Traffic
  /// How lines are read, which tells what is wrong with a refused one.
  let lineOptions: StatsDOptions
  let showsLines: Bool
  let changedFlags: [ChangedFlag]
  /// The files that are reloaded, by what they are.
  let files: [(name: String, path: String)]

  func add(to pages: inout ApiPages) {
    pages.add("status", parameters: ["since", "step"]) { query throws(ApiFailure) in
      let since = try query.integer("since", in: 0...Int.max, default: 0)
      let step = try query.choice("step", of: ["1s", "1m"])
      var json = JSONWriter()
      answer(since: since == 0 ? nil : since, stepSeconds: step == "1m" ? 60 : 1).write(to: &json)
      return json
    }
    pages.add("refused", parameters: ["reason", "sender", "limit"]) { query throws(ApiFailure) in
      refused(
        reason: try query.text("reason"), sender: try query.text("sender"),
        limit: try query.limit(default: 50))
    }
    pages.add("instances", parameters: ["limit"]) { query throws(ApiFailure) in
      instances(limit: try query.limit(default: ApiQuery.limitMax))
    }
    pages.add("scrapes") { _ in scrapes() }
    pages.add("limits") { _ in limits() }
    pages.add("flags") { _ in flags() }
    pages.add("log", parameters: ["limit"]) { query throws(ApiFailure) in
      log(limit: try query.limit(default: LogMemory.keptMax))
    }
  }

  /// The answer of `status`, which the page of text shows, too.
  func answer(since: Int?, stepSeconds: Int) -> StatusAnswer {
    traffic.ask()
    traffic.update()
    var answer = insight.status(
      since: since, stepSeconds: stepSeconds, scrapeLog: status.scrapeLog)
    answer.names = traffic.busiestNames(StatusAnswers.busiestMax).map {
      StatusAnswer.Name(name: String(decoding: $0.key, as: UTF8.self), lines: $0.amount)
    }
    answer.senders = traffic.busiestSenders(StatusAnswers.busiestMax).keys.map {
      StatusAnswer.Sender(
        name: $0.key.name, how: $0.key.how, lines: $0.amount, refused: $0.refused)
    }
    answer.sampledSeconds = traffic.sampledSeconds
    return answer
  }

  /// The status as text.
  var text: String {
    TopFrame.onceText(answer(since: nil, stepSeconds: 1))
  }

  private func refused(reason: String?, sender: String?, limit: Int) -> JSONWriter {
    let refused = status.refusals()
    let lines = refused.lines.reversed().filter { entry in
      (reason == nil || "\(entry.reason.label)" == reason)
        && (sender == nil || entry.sender.host == sender || entry.sender.description == sender)
    }
    let frames = refused.pushes.reversed().filter { entry in
      (reason == nil || "\(entry.reason)" == reason)
        && (sender == nil || entry.sender?.host == sender || entry.sender?.description == sender)
    }
    var json = JSONWriter()
    json.object { json in
      json.key("reasons")
      json.array(insight.refusals().sorted { $0.reason.count > $1.reason.count }) { json, entry in
        json.object { json in
          json.field("reason", entry.reason.reason)
          json.field("count", entry.reason.count)
          json.field("count_hour", entry.inHour)
          json.field("means", entry.reason.means)
          json.field("fix", entry.reason.fix)
          json.field("from", entry.reason.from)
        }
      }
      json.field("shows_lines", showsLines)
      json.key("lines")
      json.array(lines.prefix(limit)) { write($1, to: &$0) }
      json.key("frames")
      json.array(frames.prefix(limit)) { StatusAnswers.write($1, to: &$0) }
    }
    return json
  }

  /// The line in three parts, because JavaScript does not count bytes.
  private func write(_ entry: RefusedLines.Entry, to json: inout JSONWriter) {
    let line = showsLines ? entry.line : []
    let place = RefusedPlace(entry.reason, in: entry.line, options: lineOptions)?.range
    let fault = (place ?? entry.line.count..<entry.line.count).clamped(to: 0..<line.count)
    json.object { json in
      json.field("time_ms", entry.time.inMilliseconds)
      json.field("sender", entry.sender.description)
      json.field("reason", "\(entry.reason.label)")
      json.field("before", foreign: line[..<fault.lowerBound])
      json.field("fault", foreign: line[fault])
      json.field("after", foreign: line[fault.upperBound...])
      json.field("cut", entry.isCut)
    }
  }

  private static func write(_ entry: PushReports.Entry, to json: inout JSONWriter) {
    json.object { json in
      json.field("time_ms", entry.time.inMilliseconds)
      json.field("sender", entry.sender?.description)
      json.field("instance", entry.instance.map(RefusedPage.text))
      json.field("what", entry.isRecord ? "record" : "frame")
      json.field("reason", "\(entry.reason)")
      json.key("name")
      if let name = entry.name { json.value(foreign: name) } else { json.null() }
    }
  }

  private func instances(limit: Int) -> JSONWriter {
    let status = status.instances()
    let shown = status.shown.prefix(limit)
    var json = JSONWriter()
    json.object { json in
      json.key("instances")
      json.array(shown) { json, instance in
        json.object { json in
          json.field("instance", RefusedPage.text(instance.id))
          json.field("started_ms", Int(instance.id.startMilliseconds))
          json.field(
            "state", instance.isRetired ? "absorbed" : instance.isFinished ? "ended" : "live")
          json.field("silent_seconds", Int(instance.silentSeconds))
          json.field("series", instance.series)
          json.field("received", Int(clamping: instance.received))
          json.field("missing", Int(clamping: instance.missing))
          json.field("late", Int(clamping: instance.late))
          json.field("duplicates", Int(clamping: instance.duplicates))
          json.field("lost", Int(clamping: instance.lost))
        }
      }
      json.field("shown", shown.count)
      json.field("total", status.known)
    }
    return json
  }

  private func scrapes() -> JSONWriter {
    let reading = status.scrapeLog.reading
    var json = JSONWriter()
    json.object { json in
      json.key("scrapes")
      json.array(reading.entries) { json, entry in
        json.object { json in
          json.field("time_ms", entry.milliseconds)
          json.field("from", entry.from)
          json.field("format", entry.format)
          json.field("gzip", entry.isCompressed)
          json.field("filtered", entry.isFiltered)
          json.field("seconds", entry.seconds)
          json.field("bytes", entry.bytes)
          json.field("series", entry.series)
          json.field("status", entry.status)
        }
      }
      json.field("total", reading.total)
    }
    return json
  }

  private func limits() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      json.key("limits")
      json.array(insight.limits()) { json, row in
        json.object { json in
          json.field("limit", row.limit.limit)
          json.field("flag", row.limit.flag)
          json.field("used", row.limit.used)
          json.field("max", row.limit.max)
          json.field("full_in_seconds", row.fullInSeconds)
          json.field("name", row.limit.name)
          json.field("refused", row.limit.refused)
          json.field("overflowed", row.limit.overflowed)
        }
      }
    }
    return json
  }

  private func flags() -> JSONWriter {
    let readings = status.files
    let reloads = [
      "web": readings.web, "keys": readings.keys, "mapping": readings.mapping?.reload,
    ]
    var json = JSONWriter()
    json.object { json in
      json.field("version", Version.current)
      json.field("started_ms", insight.startedMilliseconds)
      json.key("flags")
      json.array(changedFlags) { json, flag in
        json.object { json in
          json.field("flag", flag.flag)
          json.field("value", flag.value)
          json.field("default", flag.usual)
        }
      }
      json.key("reloads")
      json.array(files) { json, file in
        guard let reading = reloads[file.name] ?? nil else { return }
        json.object { json in
          json.field("file", file.path)
          json.field("succeeded", reading.isSuccessful)
          json.field("at_ms", Int(reading.successAt * 1_000))
        }
      }
    }
    return json
  }

  private func log(limit: Int) -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      json.key("lines")
      json.array(status.log.memory.last.suffix(limit)) { json, entry in
        json.object { json in
          json.field("time_ms", entry.time.inMilliseconds)
          json.field("level", entry.level.rawValue)
          json.field("text", entry.text)
        }
      }
    }
    return json
  }
}
