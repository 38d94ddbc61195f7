// A second connection to the bus, on which the router says no more than who it is: the watchdog has a duplicate of it, and writes there the
// zeros of devices that only calls to BlueZ can stop. Must not know devices, nor what is written.

import DBus
import Host

struct LetterBus {
    enum State: Hashable {
        /// Nobody needs it. Can turn into: opening.
        case off
        /// Can turn into: greeting, failed, off.
        case opening(WireID, until: Instant)
        /// Can turn into: ready, failed, off.
        case greeting(WireID, until: Instant)
        /// The bus takes calls on it. Can turn into: failed, off.
        case ready(WireID)
        /// Can turn into: off.
        case failed(until: Instant)
    }

    private(set) var state = State.off
    private var connection = DBusConnection<Never>()

    private static let greetingTime = Interval.seconds(5)
    private static let pause = Interval.seconds(10)

    /// When `deadlinePassed` is wanted.
    var deadline: Instant {
        switch state {
        case .opening(_, let until), .greeting(_, let until), .failed(let until): until
        case .off, .ready: .never
        }
    }

    private var wire: WireID? {
        switch state {
        case .opening(let wire, _), .greeting(let wire, _), .ready(let wire): wire
        case .off, .failed: nil
        }
    }

    func isOwn(_ wire: WireID) -> Bool { wire == self.wire }

    /// Somebody needs it.
    mutating func open(_ path: String, as wire: () -> WireID, at now: Instant, into out: inout TransportEffects) {
        guard state == .off else { return }
        connection = DBusConnection()
        let wire = wire()
        state = .opening(wire, until: now + Self.greetingTime)
        out.opens.append((.socket(path: path), wire))
    }

    mutating func opened(into out: inout TransportEffects) {
        guard case .opening(let wire, let until) = state else { return }
        state = .greeting(wire, until: until)
        flush(to: wire, into: &out)
    }

    mutating func received(_ bytes: RawSpan, at now: Instant, into out: inout TransportEffects) {
        guard let wire else { return }
        var none: [Int32] = []
        do throws(DBusMessage.Malformed) {
            try connection.receive(bytes, passed: &none)
            while let event = try connection.next(passed: &none) {
                // What else is said there is for nobody.
                guard case .ready = event else { continue }
                state = .ready(wire)
                out.events.append(.lettersChanged)
            }
        } catch { return fail(at: now, into: &out) }
        flush(to: wire, into: &out)
    }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        guard deadline <= now else { return }
        if case .failed = state { state = .off } else { fail(at: now, into: &out) }
    }

    /// The connection has ended, or there was none.
    mutating func closed(at now: Instant, into out: inout TransportEffects) {
        state = .failed(until: now + Self.pause)
        out.events.append(.lettersChanged)
    }

    /// The bus is gone, and everybody who needed it.
    mutating func close(into out: inout TransportEffects) {
        if let wire { out.closes.append(wire) }
        state = .off
    }

    private mutating func fail(at now: Instant, into out: inout TransportEffects) {
        if let wire { out.closes.append(wire) }
        closed(at: now, into: &out)
    }

    /// What is said here fits into any socket; a bus that takes not even that does not answer in time.
    private mutating func flush(to wire: WireID, into out: inout TransportEffects) {
        guard !connection.output.isEmpty else { return }
        out.send(connection.output.span.bytes, to: wire, of: WireRun.nobody)
        connection.clearOutput()
    }
}
