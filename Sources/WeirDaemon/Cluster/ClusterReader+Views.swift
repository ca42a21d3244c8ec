import Dispatch
import WeirAggregation
import WeirCluster
import WeirClusterView

// How a node gets another view than the one with which it began.
extension ClusterReader {
  /// Goes on from the newest state in the store, because messages that were not read are gone.
  ///
  /// - Returns: False where there is none, so that the node has stopped.
  func loadAgain(_ first: UInt64) async -> Bool {
    meter.update { $0.gaps += 1 }
    journal.warn(
      "messages of the log are gone before they were read; loading the newest state",
      ["read": .init(Int(clamping: view.sequence)), "first": .init(Int(clamping: first))])
    while !Task.isCancelled {
      do {
        let bounds = try log.bounds(milliseconds: ClusterReader.answerMilliseconds)
        let record = try ClusterRecord(bounds.metadata, stream: stream)
        show(try states.load(maker, record, from: max(first, bounds.first)))
        standing.join(until: bounds.last)
        return true
      } catch let failure as LogFailure where failure.isPassing {
        // The state is there, and nobody leads who could give it.
        ClusterReader.pause()
      } catch {
        stop(ClusterSentence.noState(first, ClusterSentence.of(error)))
        return false
      }
    }
    return false
  }

  /// Nothing else happens in this actor meanwhile.
  static func pause() {
    _ = DispatchSemaphore(value: 0).wait(
      timeout: .now() + .milliseconds(ClusterReader.pauseMilliseconds))
  }

  /// Goes on with other options, from the message that the view has just applied.
  ///
  /// All nodes load the same state, which one of them has made with these options, and apply what came after it.
  /// Scrapes see the old view until the new one is as far. Nothing else happens in this actor meanwhile, so that no
  /// state is written that has the message and the old options.
  ///
  /// - Returns: False where the state can't be had, so that the node has stopped.
  func rebuild(_ note: ClusterOptionsNote) -> Bool {
    guard note.options != view.options else { return true }
    // It has applied the message, but not what it says.
    isBetweenOptions = true
    while !Task.isCancelled {
      do {
        show(try ClusterChange.view(of: note, through: view.sequence, maker, states, log))
        journal.info(
          "the options of the cluster are others now; give this node the same when it is restarted",
          ["options": .text("\(ClusterOptions(text: note.options))")])
        return true
      } catch let passing as LogFailure where passing.isPassing {
        journal.debug("the state of other options can't be had yet", ["error": .text("\(passing)")])
        ClusterReader.pause()
      } catch is CancellationError {
        return false
      } catch {
        stop(ClusterSentence.rebuilt(ClusterSentence.of(error)))
        return false
      }
    }
    return false
  }

  /// Waits until a person has said with which state the log begins again, and goes on with it.
  func waitForReset() async {
    while (try? await Task.sleep(for: ClusterReader.resetPause)) != nil {
      do {
        let bounds = try log.bounds(milliseconds: ClusterReader.answerMilliseconds)
        let record = try ClusterRecord(bounds.metadata, stream: stream)
        let next = ViewMaker(stream: stream, identity: bounds.identity, key: record.key)
        // The log that was read, which has lost its end.
        if next.stream == maker.stream { continue }
        switch record.begin {
        case .empty: continue
        case .waiting(let chosen):
          guard chosen == name else { continue }
          let saved = try ClusterView.Saved(view.state())
          var loss = ClusterLoss()
          let begun = try ClusterBeginning(log: log, states: states, stream: stream)
            .put(saved, ClusterOptions(text: view.options), bounds, record, &loss)
          maker = begun.maker
          show(try begun.view())
        case .state:
          let loaded = try states.load(next, record, from: bounds.first)
          maker = next
          show(loaded)
        }
        nodes.begin()
        log.accept(bounds)
        standing.goOn(from: view.sequence, until: bounds.last, epoch: bounds.identity)
        markers.resume()
        journal.info("the log begins again", ["sequence": .init(Int(clamping: bounds.last))])
        return
      } catch {
        journal.debug("the log can't be begun again yet", ["error": .text("\(error)")])
      }
    }
  }

  /// Shows another view in place of the one until now.
  private func show(_ next: consuming ClusterView) {
    next.follow(view.totals)
    next.owners.mergeGauges()
    isBetweenOptions = false
    shown.replace(next.aggregator, next.owners)
    view = next
  }
}
