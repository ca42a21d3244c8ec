import Testing

@testable import WeirDaemon

@Suite("A request whose frames are passed on")
struct RelayedRequestTests {
  @Test("is done when the last of its frames is confirmed, and not before", arguments: 1...3)
  func all(confirmed: Int) async {
    let request = RelayedRequest()
    for _ in 0..<3 { request.expectOne() }
    for _ in 0..<confirmed { request.confirmOne() }
    #expect(await request.wait(seconds: 0.05) == (confirmed == 3))
  }

  @Test("is done when the rest is confirmed while it waits")
  func later() async {
    let request = RelayedRequest()
    request.expectOne()
    request.expectOne()
    request.confirmOne()
    async let isDone = request.wait(seconds: 60)
    request.confirmOne()
    #expect(await isDone)
  }

  @Test("is not done if it was given up")
  func givenUp() async {
    let request = RelayedRequest()
    request.expectOne()
    request.giveUp()
    #expect(await !request.wait(seconds: 60))
  }

  @Test("says why it was given up first")
  func refusal() async {
    let request = RelayedRequest()
    request.expectOne()
    request.expectOne()
    request.giveUp("one")
    request.giveUp("two")
    request.giveUp()
    #expect(request.refusal == "one")
    #expect(await !request.wait(seconds: 60))
  }
}
