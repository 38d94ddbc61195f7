// The seam between the router and its sources of devices.
// Must not know the router; a backend is told what to do and answers with events.

import Host

/// A device as its backend numbers it: dense, and never used again for another device while the backend lives.
public typealias BackendDevice = UInt32

/// Which of a router's backends: they count from 0, in the order they were given to the router.
public typealias BackendNumber = UInt32

/// What the router asks of a backend, apart from writes.
public enum BackendRequest: Hashable, Sendable {
    case startScanning
    case stopScanning
    /// Answer with `readAnswered`.
    case read(device: BackendDevice, feature: UInt32, type: InputType, request: UInt32)
    /// Answer with `subscriptionAnswered`; from then on send `reading`.
    case subscribe(device: BackendDevice, feature: UInt32, type: InputType, request: UInt32)
    /// `subscriptionAnswered` may follow; nobody waits for it.
    case unsubscribe(device: BackendDevice, feature: UInt32, type: InputType, request: UInt32)
    /// An emergency stop or the router's end: what the backend fronts should stop its outputs by its own means too.
    case stopOutputs
    /// The device refuses to be stopped: the backend may cut it off.
    case cutOff(device: BackendDevice)
    /// Only to a backend that does not arbitrate here.
    case foreign(ForeignRequest)
}

/// What a backend reports.
public enum BackendEvent: Hashable, Sendable {
    case appeared(BackendDevice, DeviceDescription)
    case disappeared(BackendDevice)
    case reading(BackendDevice, feature: UInt32, type: InputType, values: [Int32])
    case readAnswered(request: UInt32, values: [Int32])
    /// A read or a subscription failed; the text says why.
    case requestFailed(request: UInt32, String)
    case subscriptionAnswered(request: UInt32)
    /// There is nothing more to find for now. While somebody wants a scan the backend is asked again before long.
    case scanningFinished
    /// What the backend fronts was out of reach and is back; its devices appear on their own. Under the emergency stop it is told to
    /// stop again, and while somebody wants a scan it is asked for one.
    case returned
}

/// A source of devices. Its life: `start` once, then anything else, then `stop` once. All calls come on the host's thread.
///
/// `BackendContractTests` checks what a new backend must keep.
public protocol Backend: AnyObject {
    /// The router takes the backend on. Keep `owner` until `stop`: it is told everything, at once or later.
    /// - Parameters:
    ///   - owner: Who is told. The devices there are may appear from inside this call.
    ///   - number: What the owner knows this backend by; it goes with every event.
    ///   - now: The present turn's time.
    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant)
    /// Carries out writes, in order. Each is answered once with `answered`, at once or later, unless its device disappears first.
    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant)
    /// Carries out a request; answers come as events, at once or later.
    func handle(_ request: BackendRequest, at now: Instant)
    /// The earliest instant at which `report` is wanted. Looked at when a turn ends.
    var deadline: Instant { get }
    /// Tells the owner what there is: time has come to `deadline`, or passed it, or the backend has called `BackendOwner.reportIsDue`.
    func report(at now: Instant)
    /// Whether the router arbitrates this backend's devices. If not, it gets orders in place of writes (`ForeignRequest`). Asked once,
    /// before `start`; true unless said otherwise.
    var isArbitratedHere: Bool { get }
    /// A loop turn has ended; flush what is written once per turn.
    func turnEnded(at now: Instant)
    /// The router has ended: let go of everything, the owner too. Devices have been told to stop before; their outputs are at zero, or cannot
    /// be reached.
    func stop(at now: Instant)
}

extension Backend {
    public var isArbitratedHere: Bool { true }
}

/// The owner of a backend. May be called from inside `start`, `perform`, `handle` and `report`; at other times call `reportIsDue`, and
/// say what there is in the `report` that follows.
public protocol BackendOwner: AnyObject {
    /// A write was carried out, or not.
    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant)
    /// Anything else.
    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant)
    /// The backend has something to report: its `report` is called before this turn ends, or in the next turn.
    func reportIsDue(from backend: BackendNumber)
}
