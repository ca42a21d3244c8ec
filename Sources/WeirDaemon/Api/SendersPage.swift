import WeirAggregation
import WeirInsight
import WeirJSON
import WeirPush
import WeirSockets

/// `/api/v1/senders`: who sends most.
struct SendersPage: Sendable {
  let traffic: Traffic
  /// Has what is known of instances.
  let shown: ShownSeries

  func add(to pages: inout ApiPages) {
    pages.add("senders", parameters: ["limit"]) { query throws(ApiFailure) in
      answer(limit: try query.limit(default: 50))
    }
  }

  private func answer(limit: Int) -> JSONWriter {
    traffic.ask()
    traffic.update()
    let owners = shown.owners
    let (senders, others) = traffic.busiestSenders(limit)
    var json = JSONWriter()
    json.object { json in
      json.key("senders")
      json.array(senders) { json, sender in
        let instance = sender.key.instance.flatMap { owners.reading(of: $0) }
        json.object { json in
          json.field("name", sender.key.name)
          json.field("how", sender.key.how)
          json.field("lines", sender.amount)
          json.field("refused", sender.refused)
          json.field("frames_lost", instance.map { Int(clamping: $0.lost) })
          json.field("frames_received", instance.map { Int(clamping: $0.received) })
          json.field("heard_seconds", sender.heardSeconds)
        }
      }
      json.key("others")
      json.object { json in
        json.field("senders", others.keys)
        json.field("lines", others.amount)
      }
      json.field("sampled_seconds", traffic.sampledSeconds)
    }
    return json
  }
}

extension SenderKey {
  var name: String {
    switch self {
    case .address(let address): address.host
    case .named(let name): name
    case .instance(let instance, _): RefusedPage.text(instance)
    }
  }

  var how: String {
    switch self {
    case .address, .named: "text"
    case .instance(_, let isSigned): isSigned ? "push, signed" : "push"
    }
  }

  var instance: InstanceID? { if case .instance(let instance, _) = self { instance } else { nil } }
}
