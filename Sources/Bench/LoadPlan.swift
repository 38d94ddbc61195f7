// What a thread of the generator is to do, worked out before it begins.
// Must not know threads or sockets.

import Host

/// How messages are spaced.
public enum Pacing: Hashable, Sendable {
    /// On a schedule, regardless of what the server does; latency counts from the schedule. Messages per second over all clients.
    case open(rate: Double)
    /// Each client keeps so many in flight; latency counts from the sending.
    case closed(inFlight: Int)
}

/// A run's times, in nanoseconds.
public struct RunTimes: Hashable, Sendable {
    public var ramp: UInt64
    public var warmup: UInt64
    public var duration: UInt64
    /// How long answers are waited for after the last message.
    public var patience: UInt64

    public init(ramp: UInt64 = 0, warmup: UInt64 = 1_000_000_000, duration: UInt64 = 10_000_000_000, patience: UInt64 = 3_000_000_000) {
        self.ramp = ramp
        self.warmup = warmup
        self.duration = duration
        self.patience = patience
    }
}

/// Everything the threads of a run share.
struct LoadPlan: Sendable {
    var conduct: Profile.Conduct
    var target: BenchTarget
    var spec: BenchSpec
    var clients: Int
    var threads: Int
    /// Whether threads stay awake for what is due at once.
    var staysAwake: Bool
    var pacing: Pacing
    /// How many messages of a client are due together, and go out in one write; open loop only.
    var burst: Int
    var times: RunTimes
    /// How many messages of the measured time are sent, over all clients; nil: as many as fit.
    var messages: UInt64?
    /// What clients say; client `n` has `decks[n % decks.count]`.
    var decks: [FrameDeck]
    /// What every client says once, after its handshake and before the run.
    var setup: [Wording]

    /// Whether a client never reads what it is sent.
    func isDeaf(_ number: Int) -> Bool { conduct == .partlyDeaf && number % 4 == 3 }

    /// The clients of one thread, by their numbers.
    func clients(of thread: Int) -> [Int] { Array(stride(from: thread, to: clients, by: threads)) }

    /// The messages of one thread, in proportion to its clients: those of all threads are what was asked for.
    func messages(of thread: Int) -> UInt64? {
        guard let messages else { return nil }
        let before = (0..<thread).reduce(0) { $0 + clients(of: $1).count }
        func share(_ clients: Int) -> UInt64 { messages * UInt64(clients) / UInt64(self.clients) }
        return share(before + clients(of: thread).count) - share(before)
    }
}

/// What has been counted. Figures of messages are of those that were due in the measured time, but for faults, which count whenever
/// they happen.
public struct Tally: Hashable, Sendable {
    public var sent: UInt64 = 0
    /// Of `sent`, those that were answered, be it by an error.
    public var answered: UInt64 = 0
    /// Every answer, whenever it came.
    public var received: UInt64 = 0
    /// Answers that came within the measured time.
    public var arrived: UInt64 = 0
    /// Answers that were an `Error`, and errors nobody had asked for.
    public var errors: UInt64 = 0
    /// Answers to what had been answered.
    public var duplicated: UInt64 = 0
    /// Answers to what was never asked, answers of another kind than the request's, and texts that cannot be read.
    public var wrong: UInt64 = 0
    /// Messages that were due and could not be sent: the server did not read, or the session was lost.
    public var unsent: UInt64 = 0
    /// What came without a request within the measured time: readings, lists, devices.
    public var events: UInt64 = 0
    /// Sessions that ended before the run did.
    public var lost: UInt64 = 0
    /// The first thing that went wrong, in the server's words.
    public var firstFault: String?

    public var unanswered: UInt64 { sent - min(sent, answered) }
    public var faults: UInt64 { errors + duplicated + wrong + unsent + lost + unanswered }

    public init() {}

    public mutating func add(_ other: Tally) {
        sent += other.sent
        answered += other.answered
        received += other.received
        arrived += other.arrived
        errors += other.errors
        duplicated += other.duplicated
        wrong += other.wrong
        unsent += other.unsent
        events += other.events
        lost += other.lost
        firstFault = firstFault ?? other.firstFault
    }
}
