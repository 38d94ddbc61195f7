// What the router counts: messages, what became of commands, why sessions ended. 64 bits, never reset.
// Must not know who reads them.

import Buttplug
import Host

/// Counts that do not go by the cases of an enum.
public struct RouterTotals: Hashable, Sendable {
    /// Frames received.
    public internal(set) var frames: UInt64 = 0
    /// Frames that could not be read.
    public internal(set) var malformed: UInt64 = 0
    /// Commands refused for their device, feature, type or value.
    public internal(set) var invalid: UInt64 = 0
    /// Commands to devices their session may not see.
    public internal(set) var deniedDevice: UInt64 = 0
    /// Commands that waited for their rule's rate.
    public internal(set) var rateWaits: UInt64 = 0
    /// Commands refused for their rule's rate.
    public internal(set) var rateRefused: UInt64 = 0
    /// Writes handed to backends.
    public internal(set) var writes: UInt64 = 0
    /// Sessions that got through their handshake.
    public internal(set) var handshakes: UInt64 = 0
    /// Handshakes that were refused, and messages before a handshake.
    public internal(set) var handshakesRefused: UInt64 = 0
    /// Sessions for which the operator was asked for consent, and those let in by that.
    public internal(set) var consentsAsked: UInt64 = 0
    public internal(set) var consentsGiven: UInt64 = 0
    /// Readings that subscribed sensors have sent.
    public internal(set) var readings: UInt64 = 0
    /// Readings and device lists that a congested session did not get because a newer one took their place.
    public internal(set) var coalesced: UInt64 = 0

    public init() {}
}

/// What a client asks for.
public enum RequestKind: UInt8, Hashable, Sendable, CaseIterable {
    case output, input, stop, scan, list, ping, handshake, other
    /// It asks for what there is not.
    case failed

    init(_ body: Request.Body) {
        self =
            switch body {
            case .output, .outputs: .output
            case .input: .input
            case .stop: .stop
            case .startScanning, .stopScanning: .scan
            case .deviceList: .list
            case .ping: .ping
            case .handshake: .handshake
            case .disconnect, .requestLog, .test: .other
            case .failed: .failed
            }
    }
}

/// All counters of a router.
struct RouterCounters: ~Copyable {
    var totals = RouterTotals()
    private var byVerdict = Slab<UInt64>(capacity: 16)
    private var byReason: [UInt64]
    /// Of unusual frames only: all others are outputs.
    private var byKind = Slab<UInt64>(capacity: 16)
    private var unusual: UInt64 = 0
    private let reasons: [CloseReason: Int]

    init() {
        for _ in Verdict.allCases { byVerdict.append(0) }
        for _ in RequestKind.allCases { byKind.append(0) }
        byReason = Array(repeating: 0, count: CloseReason.allCases.count)
        reasons = Dictionary(uniqueKeysWithValues: CloseReason.allCases.enumerated().map { ($0.element, $0.offset) })
    }

    func count(_ verdict: Verdict) -> UInt64 { byVerdict[Int(verdict.rawValue)] }

    func count(_ reason: CloseReason) -> UInt64 { reasons[reason].map { byReason[$0] } ?? 0 }

    func count(_ kind: RequestKind) -> UInt64 {
        byKind[Int(kind.rawValue)] &+ (kind == .output ? totals.frames &- unusual : 0)
    }

    /// The frame is not the usual one, a single `OutputCmd`.
    mutating func countUnusualFrame() { unusual &+= 1 }

    mutating func add(_ kind: RequestKind) { byKind[Int(kind.rawValue)] &+= 1 }

    @inline(__always)
    mutating func add(_ verdict: Verdict) { byVerdict[Int(verdict.rawValue)] &+= 1 }

    mutating func add(_ reason: CloseReason) { if let index = reasons[reason] { byReason[index] &+= 1 } }
}
