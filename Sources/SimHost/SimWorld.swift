// The simulated world for code that waits: Swift tasks as events of virtual time.
// Must not know who uses it. Everything stays on the thread that turns the host, so one seed gives one history.

import Host

/// A `ClientWorld` in virtual time.
///
/// Tasks are started with `run`; they, and every actor on `executor`, take their steps in the host's turns. Nothing in such a world may
/// wait for something outside of it.
public final class SimWorld: ClientWorld {
    private let queue: SimExecutor

    /// A world in `host`'s time.
    public init(_ host: SimHost) { queue = SimExecutor(host) }

    public var executor: any SerialExecutor { queue }
    /// For tasks of this world: a task's preferred executor.
    public var taskExecutor: any TaskExecutor { queue }
    public var host: any Dialer { queue.host }
    public func post(_ call: @escaping @Sendable () -> Void) { queue.post(call) }

    /// Starts a task whose steps are events of the host. Call `host.run` to let it continue.
    @discardableResult
    public func run<Success: Sendable>(_ body: @escaping @Sendable () async -> Success) -> Task<Success, Never> {
        Task(executorPreference: queue) { await body() }
    }
}

extension ClientWorld where Self == SimWorld {
    /// A world in virtual time.
    public static func sim(_ world: SimWorld) -> SimWorld { world }
}

/// Runs jobs in the turn after the one they were enqueued in, in order, and with them those that they enqueue in their turn: how many
/// jobs a task is cut into depends on the optimizer and must not matter.
final class SimExecutor: SerialExecutor, TaskExecutor, SimActor, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    /// Rounds of jobs in one turn. More mean a task that spins, and the host is to see that.
    private static let roundsMax = 1_000

    let host: SimHost
    private var attachment: SimActorID?
    private var items: [Item] = []
    private var isRunning = false

    init(_ host: SimHost) {
        self.host = host
        attachment = host.enlist(self)
    }

    func enqueue(_ job: consuming ExecutorJob) { put(.job(UnownedJob(job))) }

    func post(_ call: @escaping @Sendable () -> Void) { put(.call(call)) }

    private func put(_ item: Item) {
        items.append(item)
        if items.count == 1, !isRunning { askForTurn() }
    }

    private func askForTurn() {
        if let attachment { host.wake(attachment, at: host.now) }
    }

    func woken(_ code: UInt32, at now: Instant) {
        isRunning = true
        var rounds = 0
        while !items.isEmpty, rounds < Self.roundsMax {
            rounds += 1
            runRound()
        }
        isRunning = false
        if !items.isEmpty { askForTurn() }
    }

    private func runRound() {
        let round = items
        items.removeAll(keepingCapacity: true)
        for item in round {
            switch item {
            case .job(let job): job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            case .call(let call): call()
            }
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(complexEquality: self) }
    func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
    func isSameExclusiveExecutionContext(other: SimExecutor) -> Bool { self === other }

    /// There is one thread, the one that turns the host; there is nothing to ask.
    func checkIsolated() {}
    func isIsolatingCurrentContext() -> Bool? { true }
}
