import Dispatch
import Glibc
import Synchronization

/// Whether SIGTERM or SIGINT has arrived.
struct StopSignal {
  private final class Answer: Sendable {
    let isRaised = Atomic(false)
  }

  private let answer = Answer()
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGTERM, SIGINT].map { number in
      // Otherwise the signal would end the program before it is noticed.
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for source in sources {
      source.setEventHandler { [answer] in answer.isRaised.store(true, ordering: .relaxed) }
      source.activate()
    }
  }

  var isRaised: Bool { answer.isRaised.load(ordering: .relaxed) }
}
