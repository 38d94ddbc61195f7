// A libuv loop: its turns, its thread, the work other threads leave for it, and the buffer all its reads share.
// Must not know sockets, links or sessions.

import CUV
import LibC

/// An object that acts once at the end of every loop turn.
public protocol LoopTurnOwner: AnyObject {
    /// Everything that was ready in this turn has been delivered and the loop's own queue is empty.
    func loopTurnEnded()
}

/// An event loop. Everything but `post` and being an executor belongs to the thread that runs it.
public final class Loop: @unchecked Sendable {
    /// Bytes one read can bring.
    public static let readBytes = 64 * 1024

    let raw: UnsafeMutablePointer<uv_loop_t>
    /// The shared read buffer; its contents live until the next read of any stream.
    let readRoom: UnsafeMutableRawBufferPointer
    /// What a gathered write sends; see `ByteStream.write(gathering:)`.
    @exclusivity(unchecked) var pieces = Pieces()
    /// Every handle libuv knows, the loop's own three among them.
    @exclusivity(unchecked) var openHandles = 0

    private let inbox = Inbox()
    private var taken: [Inbox.Item] = []
    @exclusivity(unchecked) private var queue: [UnownedJob] = []
    private var queueRunning: [UnownedJob] = []
    private var wakeUp: Async?
    private var check: Check?
    @exclusivity(unchecked) private var idle: Idle?
    private var ownHandles = 0
    @exclusivity(unchecked) private var isAwake = false
    @exclusivity(unchecked) private var turnOwner: (any LoopTurnOwner)?
    private var isClosed = false

    /// Which loop the present thread is running.
    private static let current: uv_key_t = {
        var key = uv_key_t()
        precondition(uv_key_create(&key) == 0, "no thread-local storage left")
        return key
    }()

    private static var running: UnsafeMutableRawPointer? {
        get {
            var key = current
            return uv_key_get(&key)
        }
        set {
            var key = current
            uv_key_set(&key, newValue)
        }
    }

    public init() throws(UVError) {
        raw = .allocate(capacity: 1)
        readRoom = .allocate(byteCount: Loop.readBytes, alignment: 64)
        let status = uv_loop_init(raw)
        if status < 0 {
            isClosed = true
            throw UVError(status, in: "uv_loop_init")
        }
        // A peer that is gone is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do throws(UVError) {
            wakeUp = try Async(on: self)
            check = try Check(on: self)
            idle = try Idle(on: self)
        } catch {
            close()
            throw error
        }
        ownHandles = openHandles
    }

    deinit {
        precondition(isClosed, "a loop was dropped without close()")
        readRoom.deallocate()
        raw.deallocate()
    }

    // MARK: Time and turns

    /// Milliseconds of the monotonic clock, as the present turn sees them.
    public var now: UInt64 { uv_now(raw) }

    /// Handles that were opened on this loop and are not freed yet. Zero when everything was closed and a turn has passed.
    public var liveHandles: Int { openHandles - ownHandles }

    /// Who acts at the end of every turn. The loop keeps it alive.
    public func endTurns(with owner: (any LoopTurnOwner)?) { turnOwner = owner }

    /// Lets the loop measure how long it waits, from the next turn on.
    public func measureIdleTime() { _ = plugboard_uv_measure_idle_time(raw) }

    /// Nanoseconds that the loop has waited for something to happen since `measureIdleTime`.
    public var idleNanoseconds: UInt64 { uv_metrics_idle_time(raw) }

    /// Makes the next poll return at once, so that the present turn ends, or another one follows.
    @inline(__always)
    public func keepAwake() {
        if !isAwake { startIdle() }
    }

    private func startIdle() {
        isAwake = true
        idle?.start()
    }

    /// Runs turns until `stop()`.
    public func run() { run(UV_RUN_DEFAULT) }

    /// Runs one turn; waits in it for something to happen when `waiting`.
    public func runOnce(waiting: Bool = false) { run(waiting ? UV_RUN_ONCE : UV_RUN_NOWAIT) }

    private func run(_ mode: uv_run_mode) {
        let outer = Loop.running
        Loop.running = Unmanaged.passUnretained(self).toOpaque()
        uv_run(raw, mode)
        Loop.running = outer
    }

    /// Gives memory that was freed back to the kernel. Takes about a millisecond per 10 MB of heap; meant for when many connections
    /// have ended. Does nothing where the C library has no such call.
    public static func returnMemory() {
        #if canImport(Glibc)
            malloc_trim(0)
        #endif
    }

    /// Ends `run()` after the present turn. Only on the loop's thread; from elsewhere `post` it.
    public func stop() { uv_stop(raw) }

    /// Closes every handle, waits for their close callbacks and frees the loop. Work that was posted and did not run is dropped.
    public func close() {
        guard !isClosed else { return }
        turnOwner = nil
        inbox.shut()
        Resolver.shared.cancelAll(of: self)
        uv_walk(
            raw,
            { raw, _ in
                Handle.with(raw.unsafelyUnwrapped.pointee.data, as: Handle.self) { $0.close() }
            }, nil)
        wakeUp = nil
        check = nil
        idle = nil
        while openHandles > 0 { run(UV_RUN_DEFAULT) }
        ownHandles = 0
        isClosed = true
        precondition(uv_loop_close(raw) == 0, "libuv still knows a handle after all were closed")
    }

    /// The poll is over: what came of it is carried out.
    func endTurn() {
        if isAwake {
            isAwake = false
            idle?.stop()
        }
        if !queue.isEmpty { runQueue() }
        turnOwner?.loopTurnEnded()
        if !queue.isEmpty { keepAwake() }
    }

    // MARK: Work from elsewhere

    /// Runs `call` on the loop's thread, in the order of posting. From any thread; after `close()` it does nothing.
    public func post(_ call: @escaping @Sendable () -> Void) { put(.call(call)) }

    private func put(_ item: Inbox.Item) {
        inbox.put(item) { wakeUp?.send() }
    }

    /// Somebody left work.
    func runInbox() {
        inbox.take(into: &taken)
        for item in taken {
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .call(let call): call()
            }
        }
        taken.removeAll(keepingCapacity: true)
    }

    /// Runs what was enqueued on the loop's own thread, and what that enqueues, up to a bound; the rest is for the next turn.
    private func runQueue() {
        for _ in 0..<64 where !queue.isEmpty {
            swap(&queue, &queueRunning)
            for job in queueRunning { job.runSynchronously(on: asUnownedSerialExecutor()) }
            queueRunning.removeAll(keepingCapacity: true)
        }
    }

    /// True on the thread that is running this loop.
    public var isCurrent: Bool { Loop.running == Unmanaged.passUnretained(self).toOpaque() }
}

// MARK: Executor

extension Loop: SerialExecutor {
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A job from the loop's own thread needs no wake-up: it runs before this turn ends.
        if isCurrent {
            queue.append(job)
            keepAwake()
        } else {
            put(.job(job))
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(complexEquality: self) }

    public func isSameExclusiveExecutionContext(other: Loop) -> Bool { self === other }

    /// The default of `SerialExecutor` crashes; this one asks the thread.
    public func checkIsolated() { precondition(isCurrent, "not on the loop's thread") }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }
}
