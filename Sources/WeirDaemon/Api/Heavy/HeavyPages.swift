import WeirHTTP

/// The questions of the API that go through series.
struct HeavyPages: Sendable {
  let questions: HeavyQuestions

  func add(to pages: inout ApiPages) {
    pages.add("names") {
      await NamesPage(questions: questions).respond(to: $0).compressed(for: $0)
    }
    pages.add(prefix: "names/") {
      await LabelsPage(questions: questions).respond(to: $0).compressed(for: $0)
    }
    pages.add("series") {
      await SeriesPage(questions: questions).respond(to: $0).compressed(for: $0)
    }
    pages.add("status/tsdb") {
      await TSDBPage(questions: questions).respond(to: $0).compressed(for: $0)
    }
  }
}
