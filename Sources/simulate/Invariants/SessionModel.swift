// What the simulation itself believes of one session: what it asked, what it may do, what it must be told.
// Must not ask the router.

import Buttplug
import Host
import Router
import SimHost

/// A request that has arrived and is not answered.
struct PendingRequest {
    var request: SimulatedRequest
    var arrivedAt: Instant
    /// What the answer may be.
    var expected: Expectation

    /// Whether the answer may have to wait: for a device, or for the operator.
    var mayWait: Bool { request.mayWait || expected.waitsForConsent }
}

/// What a request may be answered.
struct Expectation {
    enum Kind: UInt8 { case ok, serverInfo, deviceList, reading }
    var kind: Kind = .ok
    /// Whether it may be granted.
    var mayPass = true
    /// The codes of `Error` it may get, as bits.
    var codes: UInt8 = 0
    /// It is a handshake whose answer the operator decides.
    var waitsForConsent = false

    static func only(_ code: ErrorCode) -> Expectation { Expectation(mayPass: false, codes: 1 << code.rawValue) }

    mutating func also(_ code: ErrorCode) { codes |= 1 << code.rawValue }

    func allows(code: UInt32) -> Bool { code < 5 && codes & (1 << UInt8(code)) != 0 }
}

/// One sensor a session subscribed to, or asked to.
struct SubscriptionModel {
    var device: UInt32
    var feature: UInt32
    var type: InputType
    /// Granted: the router has said `Ok`.
    var isSure: Bool
    /// The answer to a later request about it is still open.
    var isOpen: Bool
}

/// One session, from the simulated client's connecting until its end.
final class SessionModel {
    enum State {
        /// Can turn into: waiting, ended.
        case connecting
        /// No handshake yet. Can turn into: asking, ready, ended.
        case waiting
        /// The operator is asked. Can turn into: ready, ended.
        case asking
        /// Can turn into: ended.
        case ready
        case ended
    }

    let number: UInt32
    /// What a session that is read off the wire says in its handshake; otherwise known before.
    private(set) var version: SpecVersion
    private(set) var name: String
    /// With the token that it was let in with.
    var peer: Peer
    /// Its connection's index, where strangers come.
    var connection: Int32?
    /// The operator has taken its token back.
    var isRevoked = false
    /// Its connection, while there is one.
    weak var link: SimLink?
    var state = State.connecting
    var id = LinkID(slot: .max, generation: .max)
    /// Frames the client sent that have not arrived.
    private(set) var frames: [[SimulatedRequest]] = []
    private var firstFrame = 0
    var pending: [PendingRequest] = []
    var rule = Rule()
    private var patch = SessionPatch()
    /// As announced in the handshake; a reload does not change it.
    var maxPingTime: UInt32 = 0
    var openedAt = Instant.zero
    var askedAt = Instant.zero
    var lastPingAt = Instant.zero
    var votes = false
    /// `ScanningFinished` messages it has to be sent in this turn.
    var owedFinished = 0
    /// It has sent `Disconnect`: nothing after it counts.
    var isLeaving = false
    var wasToldOfPing = false
    var subscriptions: [SubscriptionModel] = []
    /// The device indices it knows by what it was sent, ascending.
    var known: [UInt32] = []
    /// It has been told of every device there is: by a list, or (v4) because each push is one.
    var hasList = false
    var isCongested = false
    /// What the router may end it for, apart from what follows from its rule.
    var mayBeClosedFor: [CloseReason] = []

    init(number: UInt32, version: SpecVersion, name: String, peer: Peer) {
        self.number = number
        self.version = version
        self.name = name
        self.peer = peer
    }

    /// It has introduced itself.
    func greets(as name: String, in version: SpecVersion) {
        self.name = name
        self.version = version
    }

    func willSend(_ frame: [SimulatedRequest]) { frames.append(frame) }

    /// The frame that arrives now.
    func nextFrame() -> [SimulatedRequest]? {
        guard firstFrame < frames.count else { return nil }
        let frame = frames[firstFrame]
        frames[firstFrame] = []
        firstFrame += 1
        if firstFrame == frames.count {
            frames.removeAll(keepingCapacity: true)
            firstFrame = 0
        }
        return frame
    }

    /// Those of its rule, with what the operator has changed.
    var rights: Rights {
        var rights = rule.rights
        rights.role = patch.role ?? rights.role
        rights.priority = patch.priority ?? rights.priority
        rights.gain = patch.gain ?? rights.gain
        rights.cap = patch.cap ?? rights.cap
        rights.mute = patch.mute ?? rights.mute
        return rights
    }

    func add(_ newer: SessionPatch) {
        patch.role = newer.role ?? patch.role
        patch.priority = newer.priority ?? patch.priority
        patch.gain = newer.gain ?? patch.gain
        patch.cap = newer.cap ?? patch.cap
        patch.mute = newer.mute ?? patch.mute
    }

    func sees(_ device: DeviceModel) -> Bool { rule.devices.allows(device.description) }
}
