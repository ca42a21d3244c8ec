import WeirAggregation
import WeirBytes
import WeirHTTP
import WeirInsight
import WeirJSON
import WeirMetrics

/// `/api/v1/names`: which names have most series.
struct NamesPage: Sendable {
  /// Series whose labels are counted in one answer.
  static let seriesMax = 100_000
  private static let life = Duration.seconds(2)
  private static let sorts = ["series", "growth", "lines", "name", "type"]

  let questions: HeavyQuestions

  private struct Row {
    let family: HeavyFamily
    let name: [UInt8]
    let type: String
    let series: Int
    var growth = 0
    var lines: Double?

    init(_ family: HeavyFamily) {
      self.family = family
      name = family.rawName
      type = family.type
      series = family.series
    }
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    do throws(ApiFailure) {
      let query = try ApiQuery(request.query, known: ["sort", "match", "limit"])
      let sort = try query.choice("sort", of: NamesPage.sorts)
      let match = try query.text("match")
      let limit = try query.limit(default: 50)
      let question = "names \(sort) \(limit) \(match ?? "*")"
      return try await questions.answer(question, life: NamesPage.life, showsAge: true) { work in
        await answer(work, sort: sort, NameGlob(match ?? "*"), limit)
      }
    } catch {
      return error.response
    }
  }

  private func answer(
    _ work: HeavyWork, sort: String, _ match: NameGlob, _ limit: Int
  ) async -> JSONWriter {
    let source = await questions.scraper.heavySource()
    let families = HeavyFamily.all(source.catalog, source.groups)
    var rows = families.map(Row.init).filter { match.matches($0.name) }
    let matched = rows.count
    let rates = questions.rates()
    for index in rows.indices { rows[index].lines = rates[rows[index].name] }
    let seconds = addGrowth(to: &rows)
    rows.sort { NamesPage.precedes($0, $1, sort) }
    var reader = work.reader(seriesMax: NamesPage.seriesMax)
    var json = JSONWriter()
    json.beginObject()
    json.key("names")
    json.beginArray()
    var shown = 0
    var isWhole = true
    for row in rows.prefix(limit) {
      let labels = await labels(of: row, &reader)
      isWhole = json.row { write(row, seconds, labels, to: &$0) }
      if !isWhole { break }
      shown += 1
    }
    json.endArray()
    json.field("shown", shown)
    json.field("total", families.count)
    json.field("matched", matched)
    json.field("complete", isWhole && reader.isComplete)
    json.field("counted_seconds", work.countedSeconds)
    return json
  }

  /// - Returns: For how long they have grown.
  private func addGrowth(to rows: inout [Row]) -> Int {
    let (places, seconds) = questions.aggregator.growth(of: rows.map(\.family.name))
    for index in rows.indices {
      guard let place = places[index] else { continue }
      // Of a new name, without the place that it reserves.
      rows[index].growth =
        place.placesBefore == 0 ? rows[index].series : place.places - place.placesBefore
    }
    return seconds
  }

  private static func precedes(_ left: Row, _ right: Row, _ sort: String) -> Bool {
    switch sort {
    case "growth" where left.growth != right.growth: left.growth > right.growth
    case "lines" where left.lines != right.lines: left.lines ?? -1 > right.lines ?? -1
    case "type" where left.type != right.type: left.type < right.type
    case "series", "growth", "lines":
      left.series == right.series
        ? left.name.lexicographicallyPrecedes(right.name) : left.series > right.series
    default: left.name.lexicographicallyPrecedes(right.name)
    }
  }

  /// The labels of a name, those with most values first; nil if it has too many series.
  private func labels(of row: Row, _ reader: inout HeavyReader) async -> LabelBreakdown? {
    guard row.series <= reader.left, reader.isComplete else { return nil }
    var generator = SystemRandomNumberGenerator()
    var counted = LabelBreakdown(hash: .random(using: &generator), hasDetails: false)
    let nameLength = row.family.name.count
    await reader.readSpellings(row.family) { counted.add($0, nameLength: nameLength) }
    return reader.isComplete ? counted : nil
  }

  private func write(
    _ row: Row, _ seconds: Int, _ labels: LabelBreakdown?, to json: inout JSONWriter
  ) {
    json.object { json in
      json.field("name", foreign: row.name)
      json.field("type", row.type)
      json.field("series", row.series)
      json.field("series_max", questions.aggregator.limits.seriesPerNameMax)
      json.field("growth", row.growth)
      json.field("growth_seconds", seconds)
      json.field("lines", row.lines)
      json.key("labels")
      guard let labels else { return json.null() }
      let counts = labels.labels.map { (label: $0, count: min($0.values.count, labels.series)) }
      json.array(counts.sorted { $0.count > $1.count }) { json, counted in
        json.object {
          $0.field("name", foreign: counted.label.name)
          $0.field("values", counted.count)
          $0.field("exact", counted.label.values.isExact)
        }
      }
    }
  }
}
