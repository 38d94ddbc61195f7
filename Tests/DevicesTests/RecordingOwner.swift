// A backend's owner for tests: records the events, and drives a backend through virtual time.
// Must not know what is expected.

import Buttplug
import Devices
import Host

/// One event of a backend, and its time.
struct Recorded: Hashable {
    enum What: Hashable {
        case answered(UInt32, WriteOutcome)
        case appeared(UInt32, String)
        case other(BackendEvent)
    }
    var milliseconds: UInt64
    var what: What
    init(_ milliseconds: UInt64, _ what: What) { (self.milliseconds, self.what) = (milliseconds, what) }
    static func answered(_ milliseconds: UInt64, _ ticket: UInt32, _ outcome: WriteOutcome = .done) -> Recorded {
        Recorded(milliseconds, .answered(ticket, outcome))
    }
    static func appeared(_ milliseconds: UInt64, _ device: UInt32, _ name: String) -> Recorded {
        Recorded(milliseconds, .appeared(device, name))
    }
    static func event(_ milliseconds: UInt64, _ event: BackendEvent) -> Recorded { Recorded(milliseconds, .other(event)) }
}

final class RecordingOwner: BackendOwner {
    var recorded: [Recorded] = []

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) {
        recorded.append(.answered(now.nanoseconds / 1_000_000, ticket, outcome))
    }

    func reportIsDue(from backend: BackendNumber) {}

    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        let time = now.nanoseconds / 1_000_000
        if case .appeared(let device, let description) = event {
            recorded.append(.appeared(time, device, description.name))
        } else {
            recorded.append(.event(time, event))
        }
    }

    /// The events since the last call.
    func take() -> [Recorded] {
        defer { recorded = [] }
        return recorded
    }

    /// The values of all readings since the last call.
    func takeReadings() -> [[Int32]] {
        take().compactMap { if case .other(.reading(_, _, _, let values)) = $0.what { values } else { nil } }
    }
}

/// A backend and its owner under virtual time, in milliseconds.
final class Stage {
    let backend: EmbeddedBackend
    let owner = RecordingOwner()
    var now: UInt64 = 0
    private var tickets: UInt32 = 0

    init(_ specs: [SimulatedDeviceSpec], options: SimulatedSetOptions = .init()) {
        backend = EmbeddedBackend(specs, options: options)
        backend.start(for: owner, as: 0, at: Self.instant(0))
    }

    /// A stage whose devices are there, without events so far.
    static func present(_ specs: [SimulatedDeviceSpec], seed: UInt64 = 0) -> Stage {
        var options = SimulatedSetOptions()
        options.presentAtStart = true
        options.seed = seed
        let stage = Stage(specs, options: options)
        stage.advance(to: 0)
        _ = stage.owner.take()
        return stage
    }

    static func instant(_ milliseconds: UInt64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    /// Lets time pass, with a call at every deadline.
    func advance(to milliseconds: UInt64) {
        let end = Self.instant(milliseconds)
        while backend.deadline <= end {
            let time = max(backend.deadline, Self.instant(now))
            backend.report(at: time)
            backend.turnEnded(at: time)
        }
        now = milliseconds
    }

    func handle(_ request: BackendRequest) { backend.handle(request, at: Self.instant(now)) }

    /// Writes, with tickets 1, 2, 3…
    @discardableResult
    func write(
        _ device: UInt32, feature: UInt32 = 0, _ type: OutputType, _ value: Int32, duration: UInt32 = 0,
        session: UInt32 = DeviceWrite.noSession
    ) -> UInt32 {
        tickets += 1
        let write = DeviceWrite(
            to: DeviceTarget(backend: 0, device: device, deviceIndex: device + 10, feature: feature), type: type, value: value,
            duration: duration,
            ticket: tickets, session: session)
        withUnsafePointer(to: write) {
            backend.perform(UnsafeBufferPointer(start: $0, count: 1), at: Self.instant(now))
        }
        return tickets
    }

    /// Writes to the first feature's vibrator.
    @discardableResult
    func write(_ device: UInt32, _ value: Int32, session: UInt32 = DeviceWrite.noSession) -> UInt32 {
        write(device, feature: 0, .vibrate, value, session: session)
    }
}

/// A spec of a kind, with settings.
func spec(_ key: String, count: Int = 1, _ knobs: (inout SimulatedDeviceSpec) -> Void = { _ in }) -> SimulatedDeviceSpec {
    guard let archetype = Archetype.named(key) else { preconditionFailure("no archetype \(key)") }
    var spec = SimulatedDeviceSpec(archetype, count: count)
    knobs(&spec)
    return spec
}
