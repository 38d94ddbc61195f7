// What one turn of the core produces: messages for links, requests for backends, sessions to close, events for the operator.
// Writes to devices are not in it: they are in the effects of `Outputs`. `ok` and `error` are in `Core/Replies.swift`.
// Must not know WebSocket or JSON, nor links; the runner carries everything out. Steady state allocates nothing.

import Buttplug
import Host

/// A request for one backend.
struct OutgoingRequest {
    var backend: Int
    var request: BackendRequest
}

/// A session to be closed, after what was sent to it.
struct OutgoingClose {
    var id: LinkID
    var reason: CloseReason
}

/// One flat message buffer with the ranges of it that each session gets; emptied and used again every turn.
///
/// A message is written into `messages` and then given to a session with `extend`; a message for many is written once and given
/// to each with `addRun`. Ranges of one session are chained, so that its link is called once.
public struct Outbox: ~Copyable {
    /// A stretch of messages for one session.
    struct Run {
        var session: UInt32
        var isFirst: Bool
        /// The session's next run, or -1.
        var next: Int32
        var start: Int
        var end: Int

        init(session: UInt32, isFirst: Bool, start: Int, end: Int) {
            self.session = session
            self.isFirst = isFirst
            self.start = start
            self.end = end
            next = -1
        }
    }

    var messages = MessageBuffer()
    var runs = Slab<Run>(capacity: 64)
    /// By slot: the number of the session's last run this turn, or -1.
    var lastRun = Slab<Int32>(capacity: 64)
    /// Runs of one session, gathered for its link.
    private var gathered: [MessageRun] = []

    var requests: [OutgoingRequest] = []
    var closes: [OutgoingClose] = []
    var events: [RouterEvent] = []

    public init() {}

    /// Gives the session everything written from `start` on.
    @inline(__always)
    mutating func extend(_ session: UInt32, from start: Int) {
        let end = messages.count
        let last = runs.count &- 1
        if last >= 0, runs[last].session == session, runs[last].end == start {
            runs[last].end = end
        } else {
            addRun(session, start, end)
        }
    }

    /// Gives the session a stretch of messages, which others may get as well.
    mutating func addRun(_ session: UInt32, _ start: Int, _ end: Int) {
        if start == end { return }
        let slot = Int(session)
        while lastRun.count <= slot { lastRun.append(-1) }
        let before = lastRun[slot]
        let number = Int32(runs.append(Run(session: session, isFirst: before < 0, start: start, end: end)))
        if before >= 0 { runs[Int(before)].next = number }
        lastRun[slot] = number
    }

    /// Whether there is anything to send.
    var hasMessages: Bool { !runs.isEmpty }

    /// How many runs there are; one that begins a session's chain has a `session(at:)`.
    var runCount: Int { runs.count }

    /// The session whose chain of runs begins at `index`, or nil when that run belongs to a chain that began before.
    func session(at index: Int) -> UInt32? { runs[index].isFirst ? runs[index].session : nil }

    /// Hands the chain that begins at `index` to `link`, in one call.
    mutating func send(_ index: Int, to link: any Link) {
        if runs[index].next < 0 {
            withUnsafePointer(to: messages.run(runs[index].start, runs[index].end)) {
                link.send(UnsafeBufferPointer(start: $0, count: 1))
            }
            return
        }
        gathered.removeAll(keepingCapacity: true)
        var at = Int32(index)
        while at >= 0 {
            gathered.append(messages.run(runs[Int(at)].start, runs[Int(at)].end))
            at = runs[Int(at)].next
        }
        gathered.withUnsafeBufferPointer { link.send($0) }
    }

    /// Gives the memory of sessions back; none is open and nothing waits to be sent.
    mutating func forgetSessions() {
        runs = Slab(capacity: 64)
        lastRun = Slab(capacity: 64)
        gathered = []
    }

    /// Forgets the messages; everything has been sent.
    mutating func clearMessages() {
        for index in runs.indices where runs[index].isFirst { lastRun[Int(runs[index].session)] = -1 }
        runs.removeAll()
        messages.reset()
    }
}
