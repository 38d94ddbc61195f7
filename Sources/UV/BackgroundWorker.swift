// A thread for calls that may block: it is there while there is work, and some seconds longer.
// Must not know what the work is.

/// Carries out steps one after the other on a thread of its own. A caller waits for nothing but the lock, which is never held
/// while a step runs.
public final class BackgroundWorker: @unchecked Sendable {
    public enum Step {
        /// To be carried out now, without the lock.
        case run(() -> Void)
        /// Nothing to do until then, in nanoseconds of `MonotonicClock`, or until `change`; `.max`: until `change`.
        case rest(until: UInt64)
    }

    private let next: () -> Step
    private let condition = Condition()
    private var isRunning = false
    private var isResting = false
    private var isBusy = false
    private var isEnding = false

    /// A thread costs memory, and starting one costs time: it stays for this long without work.
    private let lingerNanoseconds: UInt64
    private let givesWay: Bool
    private static let restMax: UInt64 = 3_600_000_000_000

    /// - Parameters:
    ///   - lingerNanoseconds: How long the thread stays without work.
    ///   - givesWay: Whether the thread gives way to others that want the processor.
    ///   - next: Says what to do; called with the lock, on the worker's thread.
    public init(lingerNanoseconds: UInt64 = 5_000_000_000, givesWay: Bool = false, next: @escaping () -> Step) {
        self.lingerNanoseconds = lingerNanoseconds
        self.givesWay = givesWay
        self.next = next
    }

    /// Changes what `next` looks at, and lets the worker look again. From any thread.
    public func change<Value>(_ body: () -> Value) -> Value {
        let (value, mustWake) = condition.locked {
            let value = body()
            if !isRunning { start() }
            return (value, isResting)
        }
        // Without the lock, which the woken thread takes first of all.
        if mustWake { condition.signal() }
        return value
    }

    /// Looks at the same without waking anybody.
    public func look<Value>(_ body: () -> Value) -> Value { condition.locked(body) }

    /// Waits until `isDone` holds and nothing is being carried out, but no longer than this. The worker rests no more afterwards.
    /// - Returns: Whether it came to that.
    @discardableResult
    public func finish(withinNanoseconds patience: UInt64, until isDone: () -> Bool) -> Bool {
        let end = MonotonicClock.nanoseconds &+ patience
        return condition.locked {
            isEnding = true
            condition.signal()
            if !isRunning, !isDone() { start() }
            while isRunning, isBusy || !isDone() {
                let now = MonotonicClock.nanoseconds
                guard now < end else { return false }
                condition.wait(nanoseconds: end - now)
            }
            return isDone()
        }
    }

    private func start() {
        isRunning = true
        do throws(UVError) {
            try BackgroundThread.start { [self] in
                if givesWay { BackgroundThread.giveWay() }
                while let step = nextStep() { step() }
            }
        } catch {
            // What was left stays where it is, within its bounds; the next change tries again.
            isRunning = false
        }
    }

    private func nextStep() -> (() -> Void)? {
        condition.locked {
            isBusy = false
            condition.signal()
            var hasLingered = false
            while true {
                switch next() {
                case .run(let step):
                    isBusy = true
                    return step
                case .rest(let until):
                    // Asked once more after the time is over: work may have come while this thread waited for the lock.
                    if until == .max, isEnding || hasLingered {
                        isRunning = false
                        condition.signal()
                        return nil
                    }
                    hasLingered = !rest(until: until) && until == .max
                }
            }
        }
    }

    /// False when the time is over.
    private func rest(until: UInt64) -> Bool {
        let now = MonotonicClock.nanoseconds
        let time = until == .max ? lingerNanoseconds : min(until > now ? until - now : 1, Self.restMax)
        isResting = true
        defer { isResting = false }
        return condition.wait(nanoseconds: time)
    }
}
