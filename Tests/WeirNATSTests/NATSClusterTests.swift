import Foundation
import TestSupport
import Testing
import WeirCluster
import WeirJSON

@testable import WeirNATS

/// Three servers with three replicas, whose leader is killed.
@Suite(.serialized) struct NATSClusterTests {
  private func servers(jetStream: String = "") throws -> [NATSServerProcess] {
    let ports = try (0..<6).map { _ in try NATSServerProcess.freePort() }
    let routes = ports[3...].map { "\"nats-route://127.0.0.1:\($0)\"" }.joined(separator: ", ")
    return try (0..<3).map { index in
      try NATSServerProcess(
        """
        server_name: "n\(index)"
        cluster { name: "test", listen: "127.0.0.1:\(ports[3 + index])", routes: [\(routes)] }
        """, jetStream: jetStream, port: ports[index])
    }
  }

  @Test("a leader that is killed loses nothing, and two readers agree")
  func leaderKilled() throws {
    let servers = try servers()
    defer { for server in servers { server.end() } }
    var settings = try NATSSettings(servers: servers.map(\.url), name: "a")
    settings.replicas = 3
    let first = try NATSSetup(settings, metadata: ["format": "1"], milliseconds: 120_000)
    defer { first.log.close() }
    let second = try NATSSetup(settings, metadata: ["format": "1"], milliseconds: 120_000)
    defer { second.log.close() }
    #expect(!second.isNewLog)
    var stored: [UInt64: [UInt8]] = [:]
    func store(_ range: Range<Int>) throws {
      for number in range {
        let log = number % 2 == 0 ? first.log : second.log
        stored[try log.store([UInt8(number)], as: UInt64(number))] = [UInt8(number)]
      }
    }
    try store(0..<20)
    #expect(try first.log.all(20).count == 20)
    let leader = try leader(of: settings, servers)
    servers[leader].end()
    try store(20..<40)
    try first.store.put("s", [1, 2, 3], sequence: 5, milliseconds: 120_000)
    #expect(try second.store.get("s", milliseconds: 120_000) == [1, 2, 3])
    try servers[leader].start()
    try store(40..<50)
    let last = try #require(stored.keys.max())
    let messages = try first.log.all(Int(last), seconds: 120)
    #expect(messages.map(\.sequence) == Array(1...last))
    #expect(messages == (try second.log.all(Int(last), seconds: 120)))
    for (sequence, payload) in stored {
      #expect(messages[Int(sequence) - 1].payload == payload)
    }
  }

  @Test("servers that have too little room for the log")
  func room() throws {
    let servers = try servers(jetStream: "max_file_store: 100MB")
    defer { for server in servers { server.end() } }
    var settings = try NATSSettings(servers: servers.map(\.url), name: "a")
    settings.replicas = 3
    settings.logBytesMax = 4 << 30
    #expect {
      _ = try NATSSetup(settings, metadata: [:], milliseconds: 120_000)
    } throws: { error in
      (error as? LogFailure)?.description
        == "NATS can't make the stream weir_a with room for 4 GiB on 3 servers: no suitable peers for placement, "
        + "insufficient storage; lower --cluster.log-size, of which the bucket of states has a quarter, or give "
        + "JetStream more room (max_file_store of the servers, or the limits of the account)."
    }
  }

  private func leader(of settings: NATSSettings, _ servers: [NATSServerProcess]) throws -> Int {
    let answer = try servers[0].ask("STREAM.INFO.\(settings.streamName)")
    return try #require(
      JSONValue(Array(answer.utf8))?["cluster"]["leader"].text?.last?.wholeNumberValue)
  }

  @Test("a leader that hangs, and clients that are connected to it")
  func leaderStopped() throws {
    let servers = try servers()
    defer { for server in servers { server.end() } }
    var settings = try NATSSettings(servers: servers.map(\.url), name: "a")
    settings.replicas = 3
    let made = try NATSSetup(settings, metadata: [:], milliseconds: 120_000)
    defer { made.log.close() }
    let leader = try leader(of: settings, servers)
    // A client that has connected to the leader alone, and one that knows all.
    var clients: [NATSLog] = [made.log]
    defer { for client in clients { client.close() } }
    try waitUntil("a client is connected to the leader", seconds: 120) {
      let setup = try NATSSetup(settings, metadata: [:], milliseconds: 120_000)
      clients.append(setup.log)
      return setup.log.connection.server == servers[leader].url
    }
    let log = try #require(clients.last)
    for number in 0..<5 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    #expect(try log.all(5).count == 5)
    servers[leader].signal(SIGSTOP)
    let sequence = try log.store([99], as: 99)
    let messages = try log.all(Int(sequence))
    #expect(messages.map(\.sequence) == Array(1...sequence))
    #expect(log.connection.reconnects > 0)
    servers[leader].signal(SIGCONT)
    let last = try log.store([100], as: 100)
    #expect(try made.log.all(Int(last)) == (try log.all(Int(last))))
  }

  /// What a client has posted and read, while servers end.
  private final class Client {
    let log: NATSLog
    var read: [LogMessage] = []
    var stored: [UInt64: [UInt8]] = [:]
    var posted: [UInt64: [UInt8]] = [:]

    init(_ log: NATSLog) { self.log = log }

    func post(_ payload: [UInt8]) {
      let number = UInt64(posted.count)
      posted[number] = payload
      try? log.post(payload, as: number)
    }

    func take() throws {
      for outcome in log.outcomes(milliseconds: 1) {
        if case .stored(let sequence) = outcome.result {
          stored[sequence] = posted[outcome.number]
        }
      }
      read += try log.read(after: read.last?.sequence ?? 0, milliseconds: 20)
    }
  }

  @Test("servers that end and hang at random: one order, nothing lost", arguments: [1])
  func random(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let servers = try servers()
    defer { for server in servers { server.end() } }
    var settings = try NATSSettings(servers: servers.map(\.url), name: "a")
    settings.replicas = 3
    let clients = try (0..<2).map { _ in
      Client(try NATSSetup(settings, metadata: [:], milliseconds: 120_000).log)
    }
    defer { for client in clients { client.log.close() } }
    // More of them by WEIR_ROUNDS.
    let rounds = Int(ProcessInfo.processInfo.environment["WEIR_ROUNDS"] ?? "") ?? 3
    for _ in 0..<rounds {
      let server = random.pick(servers)
      let isKilled = random.oneIn(2)
      let end = ContinuousClock.now + .milliseconds(Int.random(in: 3_000...9_000, using: &random))
      let fault = ContinuousClock.now + .milliseconds(500)
      var isFaulty = false
      while ContinuousClock.now < end {
        if !isFaulty, ContinuousClock.now > fault {
          isFaulty = true
          if isKilled { server.end() } else { server.signal(SIGSTOP) }
        }
        for client in clients {
          client.post(random.bytes(count: random.oneIn(20) ? 50_000 : 50))
          try client.take()
        }
      }
      if isKilled { try server.start() } else { server.signal(SIGCONT) }
    }
    let lasts = try clients.map { try $0.log.store([7], as: .max) }
    let last = try #require(lasts.max())
    for client in clients {
      try waitUntil("a client has read all", seconds: 120) {
        try client.take()
        return client.read.last?.sequence ?? 0 >= last
      }
      #expect(client.read.map(\.sequence) == Array(1...UInt64(client.read.count)))
      #expect(!client.stored.isEmpty)
      for (sequence, payload) in client.stored {
        #expect(client.read[Int(sequence) - 1].payload == payload)
      }
    }
    #expect(clients[0].read.prefix(Int(last)) == clients[1].read.prefix(Int(last)))
  }
}
