// The promises a run is held to, and what is known when one is broken.
// Must not know how they are checked.

import Host

/// What must hold after every turn (`simulation.md`, "Simulated worlds").
enum Invariant: Int, CaseIterable {
    case replies, order, silence, zero, allowed, rest, pacing, scans, subscriptions, lists, closes, queues, settled, seam, calls, fronting,
        shown, rear, files, kept, watched, steered, tokens, consent,
        entrance, strangers, guessing

    var sentence: String {
        switch self {
        case .replies: "every request is answered once, with something it may be answered with"
        case .order: "answers that wait for no device come in the order of the requests, in their turn"
        case .silence: "nothing is said to a session that is over"
        case .zero: "an output nobody holds is written zero in the turn in which that is known"
        case .allowed: "no write passes what arbitration allows"
        case .rest: "rest is empty: only a command accepted after it starts a lane"
        case .pacing: "one write in flight per lane, one per message gap and device"
        case .scans: "a scan runs while, and only while, somebody wants one, and at every backend that comes back meanwhile"
        case .subscriptions: "a sensor is subscribed while, and only while, somebody is; readings go to nobody else"
        case .lists: "every session knows every device it may see"
        case .closes: "a session ends only for its own reasons, and in time"
        case .queues: "every queue stays within its limit"
        case .settled: "what is owed to a device is written until it has it"
        case .seam: "runner, links and backends keep to their seams"
        case .calls: "every call of a library client ends in time, with what is its own"
        case .fronting: "an upstream has one session, and receives only the scans and stops that are due"
        case .shown: "the devices of an upstream are listed while, and only while, it can be reached; indices are theirs permanently"
        case .rear: "a device of an upstream runs only for somebody in front"
        case .files: "a log that nobody reads makes nobody wait: what does not fit is counted, and every kind of event keeps its pace"
        case .kept: "a restart finds the state that was kept, an emergency stop too; the newest is kept once the disk takes it"
        case .watched: "the first snapshot of an event stream with every event applied since is what a fresh snapshot says"
        case .consent: "without consent a session is told nothing but Error 1 and drives nothing; the operator sees exactly those that wait"
        case .steered: "a verb of the operator does what it says, to the session that it names, and reports it"
        case .tokens: "no session outlives its token by a turn"
        case .entrance: "nobody is let in without the right to it, and nobody is refused who has it"
        case .strangers: "strangers never pass their limit or their deadline; the oldest gives way, and nobody who was let in"
        case .guessing: "an address with ten failures within a minute is refused for a minute, and no other address is"
        }
    }
}

/// A broken promise.
struct Violation: Error {
    let invariant: Invariant
    let at: Instant
    let text: String
}
