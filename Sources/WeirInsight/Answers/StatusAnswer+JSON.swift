import WeirJSON

extension StatusAnswer {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("now_ms", nowMilliseconds)
      json.field("full", isFull)
      json.field("version", version)
      json.field("node", node)
      json.field("uptime_seconds", uptimeSeconds)
      json.key("findings")
      json.array(findings) { $1.write(to: &$0) }
      json.key("path")
      path.write(to: &json)
      json.key("scrape")
      if let scrape { scrape.write(to: &json) } else { json.null() }
      json.key("names")
      json.array(names) { json, name in
        json.object {
          $0.field("name", name.name)
          $0.field("lines", name.lines)
        }
      }
      json.key("senders")
      json.array(senders) { $1.write(to: &$0) }
      json.field("sampled_seconds", sampledSeconds)
      json.key("limits")
      json.array(limits) { $1.write(to: &$0) }
      json.key("history")
      history.write(to: &json)
    }
  }

  /// Reads an answer. What is missing has its default, so that older and newer servers can be read.
  ///
  /// - Returns: Nil if it is no such answer.
  package init?(_ json: JSONValue) {
    guard let now = json["now_ms"].integer, let version = json["version"].text else { return nil }
    nowMilliseconds = now
    self.version = version
    isFull = json["full"].flag ?? true
    node = json["node"].text ?? ""
    uptimeSeconds = json["uptime_seconds"].number ?? 0
    findings = json["findings"].elements.compactMap(Finding.init)
    path = Path(json["path"])
    scrape = Scrape(json["scrape"])
    names = json["names"].elements.map {
      Name(name: $0["name"].text ?? "", lines: $0["lines"].number ?? 0)
    }
    senders = json["senders"].elements.map {
      Sender(
        name: $0["name"].text ?? "", how: $0["how"].text ?? "", lines: $0["lines"].number ?? 0,
        refused: $0["refused"].number ?? 0)
    }
    sampledSeconds = json["sampled_seconds"].number ?? 0
    limits = json["limits"].elements.compactMap {
      guard let limit = $0["limit"].text, let max = $0["max"].number else { return nil }
      return Limit(
        limit: limit, used: $0["used"].number, max: max,
        fullInSeconds: $0["full_in_seconds"].number, name: $0["name"].text)
    }
    history = History(json["history"])
  }
}

extension StatusAnswer.Finding {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("id", id)
      json.field("level", level.rawValue)
      json.field("subject", subject)
      json.field("what", what)
      json.field("fix", fix)
      json.field("since_seconds", sinceSeconds)
      json.field("view", view)
    }
  }

  init?(_ json: JSONValue) {
    guard let id = json["id"].text, let level = json["level"].text.flatMap(Level.init),
      let what = json["what"].text
    else { return nil }
    self.init(
      id: id, level: level, subject: json["subject"].text ?? "", what: what,
      fix: json["fix"].text ?? "", sinceSeconds: json["since_seconds"].number ?? 0,
      view: json["view"].text ?? "overview")
  }
}

extension StatusAnswer.Path {
  private typealias Number = any WritableKeyPath<Self, Double> & Sendable
  private typealias KnownNumber = any WritableKeyPath<Self, Double?> & Sendable

  private static let numbers: [(name: String, number: Number)] = [
    ("datagrams", \.datagrams), ("bytes", \.bytes), ("lines", \.lines), ("samples", \.samples),
    ("push_records", \.pushRecords), ("series", \.series), ("dropped", \.dropped),
    ("dropped_share", \.droppedShare), ("refused", \.refused), ("refused_share", \.refusedShare),
    ("limited", \.limited), ("limited_share", \.limitedShare), ("expired", \.expired),
  ]
  private static let knownNumbers: [(name: String, number: KnownNumber)] = [
    ("scraped_series", \.scrapedSeries), ("scrape_interval_seconds", \.scrapeIntervalSeconds),
  ]

  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      for (name, number) in Self.numbers { json.field(name, self[keyPath: number]) }
      for (name, number) in Self.knownNumbers { json.field(name, self[keyPath: number]) }
    }
  }

  fileprivate init(_ json: JSONValue) {
    for (name, number) in Self.numbers { self[keyPath: number] = json[name].number ?? 0 }
    for (name, number) in Self.knownNumbers { self[keyPath: number] = json[name].number }
  }
}

extension StatusAnswer.Scrape {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("age_seconds", ageSeconds)
      json.field("duration_seconds", durationSeconds)
      json.field("from", from)
      json.field("status", status)
    }
  }

  fileprivate init?(_ json: JSONValue) {
    guard let age = json["age_seconds"].number else { return nil }
    self.init(
      ageSeconds: age, durationSeconds: json["duration_seconds"].number ?? 0,
      from: json["from"].text ?? "", status: json["status"].integer ?? 0)
  }
}

extension StatusAnswer.Sender {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("name", name)
      json.field("how", how)
      json.field("lines", lines)
      json.field("refused", refused)
    }
  }
}

extension StatusAnswer.Limit {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("limit", limit)
      json.field("used", used)
      json.field("max", max)
      json.field("full_in_seconds", fullInSeconds)
      json.field("name", name)
    }
  }
}

extension StatusAnswer.History {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("step_seconds", stepSeconds)
      json.field("end_ms", endMilliseconds)
      json.key("columns")
      json.object { json in
        for column in Column.allCases {
          json.key(column.rawValue)
          json.array(columns[column] ?? []) { $0.value($1) }
        }
      }
    }
  }

  fileprivate init(_ json: JSONValue) {
    stepSeconds = json["step_seconds"].integer ?? 1
    endMilliseconds = json["end_ms"].integer ?? 0
    for (name, values) in json["columns"].fields {
      guard let column = Column(rawValue: name) else { continue }
      columns[column] = values.elements.map(\.number)
    }
  }
}
