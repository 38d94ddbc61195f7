// A connection's end, begun by either side: close frames, the deadline after them, missing pongs, and peers that do not read.
// Must not know why an owner closes; the reason is a value that becomes a close frame.

import Host
import UV
import WebSocket

extension UVLink {
    // MARK: We close

    public func close(_ reason: CloseReason) {
        guard phase == .open else { return }
        isKnown = false
        backpressure.markTold()
        // The connection is ending by itself; the owner is told nothing of it now.
        if ending != nil { return }
        // What waits for a peer that was given up must not reach it any more: it may be a server that would still carry it out.
        if reason == .slowConsumer || reason == .unresponsive || transport.isBroken { return cut() }
        guard state.close() else { return }
        var text = reason.rawValue
        text.withUTF8 { writeClose(reason.status, UnsafeRawBufferPointer($0)) }
        enter(.closing)
        // What was kept back may hold the peer's close frame.
        transport.resume()
    }

    private func writeClose(_ status: UInt16, _ text: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(byteCount: FrameWriter.controlMax, alignment: 8) { room in
            guard let base = room.baseAddress else { return }
            let count = FrameWriter.close(status: status, reason: text, key: controlKey, to: base)
            transport.write(UnsafeRawBufferPointer(start: base, count: count))
        }
    }

    private func writeClose(_ status: UInt16, _ text: StaticString) {
        writeClose(status, UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    // MARK: It ends by itself, or is full

    /// The connection ends when this turn is over.
    func end(_ ending: LinkEnding) {
        guard phase == .open, self.ending == nil else { return }
        self.ending = ending
        tellOwnerLater()
    }

    /// The turn is over: tells the owner what is to be told. Returns whether the owner needs another end of turn for it.
    func tellOwner(at now: Instant) -> Bool {
        isReporting = false
        guard phase == .open else { return false }
        guard let ending else {
            if backpressure.isUntold, isKnown { owner.congested(id) }
            backpressure.markTold()
            return false
        }
        let wasKnown = isKnown
        isKnown = false
        if wasKnown { owner.closed(id, ending.reason, at: now) }
        finish(ending)
        return wasKnown
    }

    private func finish(_ ending: LinkEnding) {
        switch ending {
        case .peerClosed(let status):
            if case .answer(let answer) = state.peerClosed(status: status) { writeClose(answer, "") }
            leave()
        case .peerGone(let isBroken): if isBroken || transport.queuedBytes == 0 { goneNow() } else { leave() }
        case .violation(let violation): fail(violation.status, violation.text)
        case .flood: fail(1008, "too many control frames")
        case .unresponsive: if client == nil { fail(1008, "no answer to a ping") } else { cut() }
        case .slow: cut()
        }
    }

    private func fail(_ status: UInt16, _ text: StaticString) {
        if state.failed() { writeClose(status, text) }
        leave()
    }

    // MARK: On the way out

    private func enter(_ phase: Phase) {
        self.phase = phase
        phaseBegan = host.now
        host.watch(self, until: phaseBegan + host.limits.closeTimeout)
    }

    /// Ends our side after what was written and waits for the peer's end: closing at once with bytes unread would make the kernel
    /// send a reset, which may overtake our last bytes.
    func leave() {
        guard phase != .leaving, phase != .gone else { return }
        if peerEnded, transport.queuedBytes == 0 { return goneNow() }
        enter(.leaving)
        transport.shutDown()
        transport.resume()
        // A broken connection has no end to wait for.
        if transport.isBroken { goneNow() }
    }

    /// Closes; everything that was sent is with the kernel.
    func goneNow() {
        guard phase != .gone else { return }
        phase = .gone
        head = nil
        transport.close()
        host.remove(self)
    }

    /// Closes without regard to what is queued.
    func cut() {
        guard phase != .gone else { return }
        phase = .gone
        head = nil
        transport.reset()
        host.remove(self)
    }

    /// What comes while the connection is not open.
    func readOutside(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch phase {
        case .head: return client.map { readAnswer(bytes, $0) } ?? readHead(bytes)
        case .closing: readClosing(bytes)
        case .open, .leaving, .gone: break
        }
        return bytes.count
    }

    /// Our close frame is out: everything is ignored but the peer's.
    private func readClosing(_ bytes: UnsafeMutableRawBufferPointer) {
        var at = 0
        while true {
            switch decoder.next(in: bytes, at: &at) {
            case .needMore: return
            case .close: return transport.queuedBytes == 0 ? goneNow() : leave()
            case .violation: return leave()
            default: continue
            }
        }
    }

    public func transportEnded(_ error: UVError?) {
        peerEnded = true
        switch phase {
        case .open: end(.peerGone(isBroken: error != nil))
        case .head where client != nil: if let client { answerMissing(client) }
        case .head, .gone: goneNow()
        case .closing, .leaving: if error != nil || transport.queuedBytes == 0 { goneNow() } else { leave() }
        }
    }

    // MARK: Deadlines

    /// Looks at the connection's deadlines and returns when it wants to be looked at again.
    func checkDeadlines(at now: Instant) -> Instant {
        let limits = host.limits
        switch phase {
        case .gone: return .never
        case .head:
            guard client == nil else { return .never }
            if let refusal = head?.refusal {
                guard phaseBegan + HeadPhase.refusalDelay <= now else { return phaseBegan + HeadPhase.refusalDelay }
                answer(refusal)
                return phase == .gone ? .never : phaseBegan + limits.closeTimeout
            }
            let deadline = phaseBegan + limits.headTimeout
            guard deadline <= now else { return deadline }
            host.counters.headTimeouts += 1
            head?.tellRefused("no HTTP head within \(limits.headTimeout.milliseconds) ms", "head_timeout")
            goneNow()
            return .never
        case .closing, .leaving:
            let deadline = phaseBegan + limits.closeTimeout
            guard deadline <= now else { return deadline }
            cut()
            return .never
        case .open: return ending == nil ? checkOpen(at: now) : .never
        }
    }

    private func checkOpen(at now: Instant) -> Instant {
        if case .tooSlow = backpressure.check(sent: transport.backlogBytesSent, at: now, host.limits) {
            end(.slow)
            return .never
        }
        let next: Instant
        switch liveness.check(at: now, interval: host.limits.pingInterval) {
        case .wait(let until): next = until
        case .ping(let until):
            next = until
            writePing()
        case .gone:
            end(.unresponsive)
            return .never
        }
        return min(next, backpressure.deadline(at: now, host.limits))
    }

    private func writePing() {
        withUnsafeTemporaryAllocation(byteCount: FrameWriter.controlMax, alignment: 8) { room in
            guard let base = room.baseAddress else { return }
            let count = FrameWriter.control(.ping, payload: UnsafeRawBufferPointer(start: nil, count: 0), key: controlKey, to: base)
            transport.write(UnsafeRawBufferPointer(start: base, count: count))
        }
        noteBacklog()
    }
}
