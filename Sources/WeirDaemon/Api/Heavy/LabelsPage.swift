import WeirAggregation
import WeirBytes
import WeirHTTP
import WeirInsight
import WeirJSON
import WeirMetrics

/// `/api/v1/names/NAME/labels`: which labels make the series of a name.
struct LabelsPage: Sendable {
  static let prefix = "/api/v1/names/"
  private static let suffix = "/labels"
  private static let life = Duration.seconds(5)

  let questions: HeavyQuestions

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    do throws(ApiFailure) {
      let name = try LabelsPage.name(request.path)
      let limit = try ApiQuery(request.query, known: ["limit"]).limit(default: 5)
      let question = "labels \(limit) \(request.path)"
      return try await questions.answer(question, life: LabelsPage.life, showsAge: true) {
        work throws(ApiFailure) in
        guard let family = await NameLabels.family(name, questions) else {
          throw ApiFailure(
            "there is no name \(ApiQuery.quoted(name)) now; /api/v1/names lists all names",
            status: 404)
        }
        return await answer(work, family, limit)
      }
    } catch {
      return error.response
    }
  }

  /// The name in a path.
  private static func name(_ path: String) throws(ApiFailure) -> [UInt8] {
    let middle = path.utf8.dropFirst(prefix.utf8.count)
    guard path.hasSuffix(suffix), middle.count > suffix.utf8.count else {
      throw ApiFailure(
        "there is no such path; write /api/v1/names/NAME/labels, with NAME in percent encoding",
        status: 404)
    }
    guard let name = PercentEncoding.decoded(middle.dropLast(suffix.utf8.count)) else {
      throw ApiFailure(
        "the path has a percent sign that is not followed by two hexadecimal digits; write it as %25"
      )
    }
    return name
  }

  private func answer(_ work: HeavyWork, _ family: HeavyFamily, _ limit: Int) async -> JSONWriter {
    let labels = await NameLabels(of: family, work)
    let (rows, counted) = (labels.rows, labels.counted)
    var json = JSONWriter()
    json.beginObject()
    json.field("name", foreign: family.rawName)
    json.field("type", family.type)
    json.field("series", family.series)
    json.field("scanned", counted.series)
    json.key("labels")
    json.beginArray()
    var isWhole = true
    // So that the values of no label take the place of those of others.
    let bytesMax = HeavyQuestions.bytesMax / (rows.count + 1)
    for row in rows {
      var values = row.label.frequent.top(limit)[...]
      let known = values.count
      var bytes = 0
      values = values.prefix {
        // Each byte may become four, and a row has some more.
        bytes += 4 * $0.value.count + 64
        return bytes <= bytesMax
      }
      let isWritten = json.row { write(row, values, valuesMax: counted.series, to: &$0) }
      isWhole = isWhole && isWritten && values.count == known
    }
    json.endArray()
    json.field("complete", isWhole && labels.isComplete)
    json.field("advice", labels.advice?.sentence)
    json.field("counted_seconds", work.countedSeconds)
    return json
  }

  private func write(
    _ row: NameLabels.Row, _ values: ArraySlice<(value: [UInt8], count: Int)>, valuesMax: Int,
    to json: inout JSONWriter
  ) {
    json.object { json in
      json.field("name", foreign: row.label.name)
      // An estimate may be too great.
      json.field("values", min(row.label.values.count, valuesMax))
      json.field("exact", row.label.values.isExact)
      json.field("series_without", row.seriesWithout)
      json.field("series_without_exact", row.label.seriesWithout.isExact)
      json.key("top")
      json.array(values) { json, value in
        json.object {
          $0.field("value", foreign: value.value)
          $0.field("series", value.count)
        }
      }
    }
  }
}
