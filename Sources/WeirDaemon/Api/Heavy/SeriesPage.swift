import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirJSON
import WeirMetrics

/// `/api/v1/series`: the current values of the series that a selector matches.
struct SeriesPage: Sendable {
  /// Series that are read.
  static let seriesMax = 1_000_000
  /// Series that are shown with their text and with who pushes them.
  static let detailsMax = 20
  /// Instances that are named for each of them.
  static let holdersMax = 5

  let questions: HeavyQuestions

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    do throws(ApiFailure) {
      let query = try ApiQuery(request.query, known: ["match", "limit"])
      let limit = try query.limit(default: 50)
      guard let match = try query.text("match") else {
        throw ApiFailure("match is missing; write one such as match=requests_total{host=\"a*\"}")
      }
      let selector = try SeriesPage.selector(match)
      return try await questions.answer("series \(limit) \(match)") { work in
        await answer(work, selector, limit)
      }
    } catch {
      return error.response
    }
  }

  private static func selector(_ text: String) throws(ApiFailure) -> SeriesSelector {
    do throws(SelectorMistake) {
      return try SeriesSelector(text)
    } catch {
      throw ApiFailure(error.description)
    }
  }

  private func answer(
    _ work: HeavyWork, _ selector: SeriesSelector, _ limit: Int
  ) async -> JSONWriter {
    let source = await questions.scraper.heavySource(withTexts: true)
    var rows = SeriesRows(
      selector, limit: limit, encoder: source.encoder,
      boundStyle: questions.scraper.style.bounds(in: .text)
    ) { [owners = questions.owners] leases in
      owners.holders(of: leases, someMax: SeriesPage.holdersMax, isLate: work.isLate)
    }
    rows.second = questions.aggregator.second
    // What a family is called may depend on those before it.
    let renames = !questions.aggregator.names.isClassic
    var reader = work.reader(seriesMax: SeriesPage.seriesMax)
    for family in HeavyFamily.all(source.catalog, source.groups) {
      let isWanted = selector.matchesName(family.name[...])
      if isWanted || renames { rows.begin(family) }
      guard isWanted else { continue }
      await reader.read(family) {
        rows.add($0, $1, $2, of: family)
      } pushed: {
        rows.add($0, of: family)
      }
    }
    var json = rows.finished()
    json.field("shown", rows.shown)
    json.field("total", rows.total)
    json.field("complete", rows.isWhole && reader.isComplete)
    json.field("counted_seconds", work.countedSeconds)
    return json
  }
}
