// The stop profile's trials, one at a time: drive an output, see it at the device, stop it, see the zero there.
// Must not know sessions, files or clocks: it is told what was seen and when, and says what to do.

/// What to send.
public enum StopTrialAction: Hashable, Sendable {
    /// Drive the output to this step.
    case drive(step: Int32)
    case stop
}

/// Trials on a schedule. All times are nanoseconds of one clock. A trial that is late skips the starts that it covers; its own
/// time counts in full.
public struct StopTrialsCore: Sendable {
    private enum Phase {
        /// Can turn into: driven.
        case resting
        /// The output was asked for. Can turn into: stopped, resting (never seen at the device).
        case driven(since: UInt64, isSeen: Bool)
        /// The stop was due then. Can turn into: resting.
        case stopped(due: UInt64)
    }

    private let device: UInt32
    /// nil: any feature of the device.
    private let feature: UInt32?
    private let steps: Int32
    private let interval: UInt64
    private let patience: UInt64
    private var phase = Phase.resting
    /// When the next stop is due.
    private var stopAt: UInt64
    private var trials: Int32 = 0
    /// Whether the journal has had a line of the output: without one it is another router's.
    public private(set) var hasSeenAny = false
    /// Stops whose zero did not come in time.
    public private(set) var missed: UInt64 = 0

    /// - Parameter start: Of the first trial; its stop is due half an interval later.
    public init(
        device: UInt32, feature: UInt32?, steps: Int32, start: UInt64, interval: UInt64 = 10_000_000, patience: UInt64 = 2_000_000_000
    ) {
        self.device = device
        self.feature = feature
        self.steps = max(1, steps)
        self.interval = interval
        self.patience = patience
        stopAt = start + interval / 2
    }

    /// When `due` is to be asked next.
    public var deadline: UInt64 {
        switch phase {
        case .resting: stopAt - interval / 2
        case .driven: stopAt
        case .stopped(let due): due + patience
        }
    }

    /// Whether something of the journal is waited for.
    public var isWaiting: Bool {
        switch phase {
        case .resting: false
        case .driven(_, let isSeen): !isSeen
        case .stopped: true
        }
    }

    /// What is to be sent at `now`, if anything.
    public mutating func due(at now: UInt64) -> StopTrialAction? {
        guard now >= deadline else { return nil }
        switch phase {
        case .resting:
            // The stop keeps its distance from the drive, or a router might merge the two before the device sees either.
            while stopAt <= now { stopAt += interval }
            trials += 1
            phase = .driven(since: now, isSeen: false)
            return .drive(step: 1 + trials % steps)
        case .driven(let since, let isSeen):
            // What is not at the device cannot be stopped there: the stop waits for it, but not without limit.
            if !isSeen, now < since + patience {
                stopAt += interval
                return nil
            }
            defer { stopAt += interval }
            phase = .stopped(due: stopAt)
            return .stop
        case .stopped:
            missed += 1
            rest(at: now)
            return nil
        }
    }

    /// The device was told something. Gives how long the zero took from when the stop was due.
    public mutating func saw(_ write: JournalWrite, at now: UInt64) -> UInt64? {
        guard write.device == device, feature == nil || feature == write.feature else { return nil }
        hasSeenAny = true
        switch phase {
        case .driven(let since, _) where write.value != 0: phase = .driven(since: since, isSeen: true)
        case .stopped(let due) where write.value == 0:
            rest(at: now)
            return now > due ? now - due : 0
        default: break
        }
        return nil
    }

    private mutating func rest(at now: UInt64) {
        phase = .resting
        while stopAt < now + interval / 2 { stopAt += interval }
    }
}
