import Testing

@testable import WeirDaemon

@Suite struct DescriptorBudgetTests {
  @Test(
    "connections are as many as requested, or as many as the limit allows",
    arguments: [
      (1_024, 10, 512, 512), (1_048_576, 10, 20_000, 20_000), (546, 10, 512, 512),
      (545, 10, 512, 511), (100, 10, 512, 66), (38, 10, 512, 4), (35, 10, 1, 1),
    ])
  func connections(limit: Int, taken: Int, asked: Int, granted: Int) throws {
    #expect(try DescriptorBudget(limit: limit, taken: taken).connections(asked: asked) == granted)
  }

  @Test(arguments: [8, 12, 37])
  func `a limit without room for a few connections is said, with what is needed`(limit: Int) {
    let error = #expect(throws: StartError.self) {
      try DescriptorBudget(limit: limit, taken: 10).connections(asked: 512)
    }
    #expect(
      error?.description
        == "the limit of \(limit) open files is too low; Weir needs 546, so raise it with ulimit -n "
        + "or LimitNOFILE=, or set --web.max-connections lower (38 is the least)")
  }
}
