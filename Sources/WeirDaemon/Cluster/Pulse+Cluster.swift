import WeirBytes
import WeirCluster
import WeirInsight

extension Pulse.Cluster {
  /// - Parameter wallSeconds: Since 1970, of this machine.
  init(_ reading: Cluster.Reading, wallSeconds: Double) {
    self.init()
    let (meter, standing) = (reading.meter, reading.standing)
    switch standing.course {
    case .stopped(let sentence): stopped = sentence
    case .joining(let end): until = Double(end)
    case .current: break
    }
    name = reading.name
    servers = reading.servers
    isConnected = reading.connection.isConnected
    fault = reading.connection.fault
    applied = Double(standing.sequence)
    scrapesRefused = Double(meter.barriersFailed)
    isDiverged = reading.isDiverged
    logBytes = meter.logBytes.map { Double($0) }
    logBytesMax = meter.logBytesMax.map { Double($0) }
    postsFull = Double(meter.postsFull)
    postsRefused = Double(meter.postsFailed - meter.postsFull)
    postsWithoutAnswer = Double(meter.postsWithoutAnswer)
    postsHeldBack = Double(meter.postsHeldBack)
    if meter.stateMilliseconds > 0 {
      stateAgeSeconds = max(0, wallSeconds - Double(meter.stateMilliseconds) / 1_000)
    }
    statesFailed = Double(meter.statesFailed)
    others = reading.nodes.filter { $0.number != reading.number }.map { node in
      let silent =
        standing.messageMilliseconds - min(standing.messageMilliseconds, node.heardMilliseconds)
      return Node(
        name: ShownText.of(node.hello.name), silentSeconds: Double(silent) / 1_000,
        knownSeconds: Double(node.heardMilliseconds - node.firstMilliseconds) / 1_000)
    }
    framesTaken = Double(reading.framesTaken)
  }
}
