import Foundation
import Testing
import WeirConfiguration
import WeirSockets

@testable import WeirDaemon

/// Each test uses addresses that no server listens on: only the names of the Unix sockets are
/// taken.
@Suite("weir health")
struct HealthTests {
  /// Names are shared by the whole machine, and tests of another checkout may run at the same time.
  private static let port = UInt16.random(in: 1...60_000)

  private let log = Log(level: .error, format: .logfmt)

  /// A service for addresses with a port that no other test uses.
  private func service(
    _ addresses: [SocketAddress], isServing: @escaping @Sendable () async -> Bool = { true }
  ) async -> HealthService {
    let service = HealthService(log: log, isServing: isServing)
    await service.start(addresses)
    return service
  }

  private func ask(
    _ address: SocketAddress, user: UInt32 = geteuid(), seconds: Int = 5
  ) async -> String {
    await withCheckedContinuation { done in
      Thread.detachNewThread {
        do {
          done.resume(returning: try HealthCheck.ask(address, user: user, seconds: seconds))
        } catch {
          done.resume(returning: "\(error)")
        }
      }
    }
  }

  @Test("finds the Weir that serves an address, or all addresses at its port")
  func finds() async {
    let table: [(served: SocketAddress, asked: [SocketAddress])] = [
      (.loopback(port: Self.port + 1), [.loopback(port: Self.port + 1)]),
      (
        .any4(port: Self.port + 2),
        [
          .any4(port: Self.port + 2), .loopback(port: Self.port + 2),
          .ipv4(10, 0, 0, 1, port: Self.port + 2),
        ]
      ),
      (
        .any6(port: Self.port + 3),
        [
          .any6(port: Self.port + 3), .loopback6(port: Self.port + 3),
          .loopback(port: Self.port + 3), .any4(port: Self.port + 3),
        ]
      ),
      (.loopback6(port: Self.port + 4), [.loopback6(port: Self.port + 4)]),
    ]
    for (served, asked) in table {
      let service = await service([served])
      for address in asked {
        #expect(await ask(address) == "weir at \(address) is ready")
      }
      await service.end()
    }
  }

  @Test("finds no Weir of another address or port, and none that has ended")
  func findsNone() async {
    let services = await service([.loopback(port: Self.port + 5), .any4(port: Self.port + 6)])
    func none(_ address: SocketAddress) -> String {
      "no weir serves \(address); start it, or use the --web.listen-address of the running weir"
    }
    for address: SocketAddress in [
      .loopback(port: Self.port + 7), .loopback6(port: Self.port + 5), .any4(port: Self.port + 5),
      .any6(port: Self.port + 5), .loopback6(port: Self.port + 6),
    ] {
      #expect(await ask(address) == none(address))
    }
    #expect(
      await ask(.loopback(port: Self.port + 5)) == "weir at 127.0.0.1:\(Self.port + 5) is ready")
    await services.end()
  }

  @Test("reports that a Weir is stopping, does not answer, or no longer serves")
  func notReady() async {
    let stopping = await service([.loopback(port: Self.port + 8)])
    await stopping.answerStopping()
    #expect(
      await ask(.loopback(port: Self.port + 8))
        == "weir at 127.0.0.1:\(Self.port + 8) is stopping; wait until it runs again")
    let closed = await service([.loopback(port: Self.port + 9)]) { false }
    #expect(
      await ask(.loopback(port: Self.port + 9))
        == "weir at 127.0.0.1:\(Self.port + 9) is stopping; wait until it runs again")
    let hung = await service([.loopback(port: Self.port + 10)]) {
      try? await Task.sleep(for: .seconds(60))
      return true
    }
    #expect(
      await ask(.loopback(port: Self.port + 10), seconds: 1)
        == "weir at 127.0.0.1:\(Self.port + 10) did not answer within 1 seconds; look at its log")
    // One more than may be in flight gets this answer.
    let others = (1..<HealthService.answersMax).compactMap { _ in
      try? LocalSocket.connect(
        HealthName.of(.loopback(port: Self.port + 10)), timeoutSeconds: 1)
    }
    #expect(others.count == HealthService.answersMax - 1)
    #expect(
      await ask(.loopback(port: Self.port + 10))
        == "weir at 127.0.0.1:\(Self.port + 10) has too many health checks in flight; look at its log"
    )
    for service in [stopping, closed, hung] { await service.end() }
  }

  @Test("trusts no other user")
  func otherUser() async {
    let service = await service([.loopback(port: Self.port + 11)])
    let other = geteuid() + 1
    #expect(
      await ask(.loopback(port: Self.port + 11), user: other)
        == "the process that answers for 127.0.0.1:\(Self.port + 11) belongs to user \(geteuid()), not \(other); "
        + "run this command as the user of weir")
    await service.end()
  }

  @Test("answers each of many concurrent checks")
  func many() async {
    let service = await service([.loopback(port: Self.port + 12)])
    await withTaskGroup(of: String.self) { group in
      for _ in 0..<50 { group.addTask { await ask(.loopback(port: Self.port + 12)) } }
      for await answer in group {
        #expect(answer == "weir at 127.0.0.1:\(Self.port + 12) is ready")
      }
    }
    await service.end()
  }

  @Test("can't ask for port 0")
  func portZero() throws {
    var options = Options(cores: 1)
    options.web.listenAddresses = ["127.0.0.1:0"]
    let error = #expect(throws: StartError.self) { try HealthCheck.run(options) }
    #expect(
      error?.description
        == "--web.listen-address: port 0 does not identify a running weir; write the port from its log"
    )
  }
}
