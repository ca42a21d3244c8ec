import WeirAggregation
import WeirBytes
import WeirExposition
import WeirHTTP
import WeirInsight
import WeirJSON

/// `/api/v1/status/tsdb`: names and labels in the form in which Prometheus shows those of its own storage.
struct TSDBPage: Sendable {
  private static let life = Duration.seconds(2)

  let questions: HeavyQuestions

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    do throws(ApiFailure) {
      let limit = try ApiQuery(request.query, known: ["limit"]).limit(default: 10)
      return try await questions.answer("tsdb \(limit)", life: TSDBPage.life) { work in
        await answer(work, limit)
      }
    } catch {
      return error.response
    }
  }

  private func answer(_ work: HeavyWork, _ limit: Int) async -> JSONWriter {
    let source = await questions.scraper.heavySource()
    let families = HeavyFamily.all(source.catalog, source.groups)
    let now = questions.unixMilliseconds()
    var first = now
    var generator = SystemRandomNumberGenerator()
    var census = LabelCensus(hash: .random(using: &generator))
    var reader = work.reader(seriesMax: .max)
    for family in families {
      let nameLength = family.name.count
      await reader.read(family) { piece, index, _ in
        census.add(piece.spelling(index), nameLength: nameLength)
        first = min(first, Int(piece.startUnixSeconds(index)) * 1_000)
      } pushed: {
        census.add($0.spelling.span, nameLength: nameLength)
      }
    }
    let series = families.reduce(0) { $0 + $1.series }
    var json = JSONWriter()
    json.beginObject()
    json.field("status", "success")
    json.key("data")
    var isWhole = true
    json.object { json in
      json.key("headStats")
      json.object {
        $0.field("numSeries", series)
        $0.field("numLabelPairs", census.labels.reduce(0) { $0 + $1.values.count })
        $0.field("chunkCount", 0)
        $0.field("minTime", first)
        $0.field("maxTime", now)
      }
      let labels = census.labels
      let lists: [(String, [Count])] = [
        ("seriesCountByMetricName", families.map { Count($0.rawName, $0.series) }),
        ("labelValueCountByLabelName", labels.map { Count($0.name, $0.values.count) }),
        ("memoryInBytesByLabelName", labels.map { Count($0.name, $0.valueBytes) }),
        ("seriesCountByLabelValuePair", census.pairs.top(limit).map { Count($0.value, $0.count) }),
      ]
      for (name, counts) in lists {
        json.key(name)
        json.beginArray()
        for count in counts.sorted().prefix(limit) where isWhole {
          isWhole = json.row { count.write(to: &$0) }
        }
        json.endArray()
      }
    }
    json.key("warnings")
    json.array(warnings(census, of: series, isWhole: isWhole && reader.isComplete)) { $0.value($1) }
    return json
  }

  private func warnings(_ census: LabelCensus, of series: Int, isWhole: Bool) -> [String] {
    var warnings: [String] = []
    if !isWhole {
      warnings.append(
        "The counts of labels are of \(ReadableNumbers.count(Double(census.series))) of "
          + "\(ReadableNumbers.count(Double(series))) series, or lists are cut at 1 MiB.")
    }
    if census.isLabelMissing {
      warnings.append(
        "Only the first \(LabelCensus.labelsMax) names of labels are counted.")
    }
    return warnings
  }

  private struct Count: Comparable {
    let name: [UInt8]
    let count: Int

    init(_ name: [UInt8], _ count: Int) {
      self.name = name
      self.count = count
    }

    /// Greatest first.
    static func < (left: Count, right: Count) -> Bool {
      left.count == right.count
        ? left.name.lexicographicallyPrecedes(right.name) : left.count > right.count
    }

    func write(to json: inout JSONWriter) {
      json.object {
        $0.field("name", foreign: name)
        $0.field("value", count)
      }
    }
  }
}
