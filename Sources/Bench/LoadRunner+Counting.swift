// What a thread's clients tell its runner: answers, faults, events, sessions that end.
// Must not know when messages are sent.

import Histogram

/// How far apart the subscribers of one thread receive a reading.
struct FanOut {
    var clock: FanOutClock
    /// How much later than the first each other subscriber received it.
    var others = LoadRunner.emptyHistogram
    /// The same of the last one, for readings that all had.
    var lasts = LoadRunner.emptyHistogram

    init(_ clock: FanOutClock) { self.clock = clock }
}

extension LoadRunner {
    @inline(__always)
    func answered(_ client: LoadClient, due: UInt64, at now: UInt64) {
        if due >= window.lowerBound & ~7, due < window.upperBound {
            tally.answered &+= 1
            lastAnswer = now
            let took = now > due ? now &- due : 0
            latencies.record(took)
            recent.record(took)
        }
        tally.received &+= 1
        if window.contains(now) { tally.arrived &+= 1 }
        if isClosedLoop, now < sendEnd {
            client.owed &+= 1
            markDirty(client)
        }
    }

    func misanswered(_ client: LoadClient, _ settlement: Settlement, _ what: String, at now: UInt64) {
        switch settlement {
        case .duplicated: tally.duplicated += 1
        case .unknown: tally.wrong += 1
        case .mismatched(let due), .answered(let due):
            tally.wrong += 1
            answered(client, due: due, at: now)
        }
        note(what)
    }

    func refused(_ kind: ReplyKind, _ text: UnsafeRawBufferPointer) {
        if kind == .error { tally.errors += 1 } else { tally.wrong += 1 }
        note(LoadClient.excerpt(text))
    }

    func wrong(_ text: UnsafeRawBufferPointer) {
        tally.wrong += 1
        note(LoadClient.excerpt(text))
    }

    func duplicated(_ text: UnsafeRawBufferPointer) {
        tally.duplicated += 1
        note(LoadClient.excerpt(text))
    }

    func event(_ client: LoadClient, _ reply: Reply, _ text: UnsafeRawBufferPointer, at now: UInt64) {
        let isMeasured = window.contains(now)
        if isMeasured { tally.events &+= 1 }
        guard fanOut != nil, reply.kind == .reading else { return }
        // Followed from the first on: a clock that began within a reading would take its second half for the next one.
        let source = ReplyReader.source(ofReading: reply.body, in: text)
        guard let receipt = fanOut?.clock.received(client.number / plan.threads, of: source, at: now), isMeasured else { return }
        fanOut?.others.record(receipt.after)
        if receipt.isLast { fanOut?.lasts.record(receipt.after) }
    }

    func clientLost(_ client: LoadClient, _ why: String) {
        if case .finished = stage { return }
        // Nobody need keep a client that does not read.
        if client.isDeaf { return }
        tally.lost += 1
        note(why)
    }

    func note(_ what: String) { if tally.firstFault == nil { tally.firstFault = what } }

    /// What there is to report; starts over with the recent latencies.
    func sample() -> LoadSample {
        var sample = LoadSample(tally: tally, recent: recent)
        recent.reset()
        for client in clients {
            if client.isReady { sample.ready += 1 }
            sample.inFlight += client.inFlight
        }
        if case .finished = stage { sample.isFinished = true }
        sample.lastAnswer = lastAnswer
        return sample
    }
}
