// What comes in, and what is lost before it is read.
extension FindingRule {
  static let input: [FindingRule] = [
    FindingRule("kernel_drops") { window in
      window.now.listeners.compactMap { listener in
        let dropped = window.gain(listener, in: \.listeners, by: \.name, \.dropped)
        guard dropped > 0 else { return nil }
        let received = window.gain(listener, in: \.listeners, by: \.name, \.datagrams)
        let (buffer, asked) = (listener.bufferBytes ?? 0, listener.askedBufferBytes)
        let size = ReadableNumbers.bytes(Double(buffer))
        return Draft(
          level: .bad, subject: listener.name,
          what:
            "The kernel drops \(ReadableNumbers.share(dropped / (dropped + received))) of the datagrams to "
            + "\(listener.name), because its receive buffer of \(size) is full.",
          fix: buffer < asked
            ? "Run `sysctl -w net.core.rmem_max=\(asked)` on the host, then restart Weir."
            : "Raise `--statsd.read-buffer` or `--statsd.receivers`, or let clients send fewer, larger datagrams."
        )
      }
    },
    FindingRule("buffer_small", view: "about") { window in
      window.now.listeners.compactMap { listener in
        guard let buffer = listener.bufferBytes, buffer < listener.askedBufferBytes,
          buffer < 4 << 20
        else { return nil }
        return Draft(
          level: .info, subject: listener.name,
          what: "The kernel granted \(listener.name) a receive buffer of "
            + "\(ReadableNumbers.bytes(Double(buffer))), not of "
            + "\(ReadableNumbers.bytes(Double(listener.askedBufferBytes))). Bursts may be lost.",
          fix:
            "Run `sysctl -w net.core.rmem_max=\(listener.askedBufferBytes)` on the host, then restart Weir."
        )
      }
    },
    FindingRule("source_refused", view: "senders") { window in
      window.now.listeners.compactMap { listener in
        let refused = window.gain(listener, in: \.listeners, by: \.name, \.refusedSources)
        guard refused > 0 else { return nil }
        return Draft(
          level: .warn, subject: listener.name,
          what:
            ReadableNumbers.subject(refused, "datagram", of: " to \(listener.name)")
            + " dropped in the last minute, because --statsd.allow does not list the address of the sender.",
          fix: "Add the network of these senders to `--statsd.allow`, or stop them.")
      }
    },
    FindingRule("text_off", view: "senders") { window in
      window.now.listeners.compactMap { listener in
        let refused = window.gain(listener, in: \.listeners, by: \.name, \.refusedTexts)
        guard refused > 0 else { return nil }
        return Draft(
          level: .bad, subject: listener.name,
          what:
            ReadableNumbers.subject(refused, "datagram", of: " of StatsD text to \(listener.name)")
            + " dropped in the last minute, because --no-statsd.text takes only pushed frames.",
          fix: "Let these senders push, or start Weir without `--no-statsd.text`.")
      }
    },
    FindingRule("nothing_received") { window in
      let now = window.now
      guard now.uptimeSeconds >= 60 else { return [] }
      if now.received == 0 {
        return [
          Draft(
            level: .info, what: "Nothing has arrived since Weir started.",
            fix:
              "Look at the address and port of the senders. `weir send 'test:1|c'` tries the path on this host."
          )
        ]
      }
      // A quiet minute may be chance, and a quiet night is normal, so this is only a hint.
      guard now.received == window.before.received, window.seconds >= 50 else { return [] }
      return [
        Draft(
          level: .info, what: "Nothing has arrived in the last minute.",
          fix:
            "If senders should be busy now, look at their address, at the network and at firewalls."
        )
      ]
    },
  ]
}

extension Pulse {
  /// Datagrams, lines and pushed records together.
  /// Records of a cluster came in at any of its nodes, so that frames count there.
  fileprivate var received: Double {
    counts.datagrams + counts.lines + (cluster?.framesTaken ?? counts.pushRecords)
  }
}
