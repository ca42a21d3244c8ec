import WeirHTTP

/// The pages of the API that go through series.
struct HeavyPages: Sendable {
  let questions: HeavyQuestions

  func add(to router: inout HTTPRouter) {
    router.add(NamesPage.path) { await NamesPage(questions: questions).respond(to: $0) }
    router.add(prefix: LabelsPage.prefix, methods: ["GET", "HEAD"]) {
      await LabelsPage(questions: questions).respond(to: $0)
    }
    router.add(SeriesPage.path) { await SeriesPage(questions: questions).respond(to: $0) }
    router.add(TSDBPage.path) { await TSDBPage(questions: questions).respond(to: $0) }
  }
}
