// The seam between the router and the places where devices live.
// Must not know the router; a backend is told what to do and answers with events.

import Host

/// A device as its backend numbers it: dense, and never used again for another device while the backend lives.
public typealias BackendDevice = UInt32

/// One value to write to one feature of one device. Plain, so that a turn's writes are one flat array.
public struct DeviceWrite: Hashable, Sendable {
    /// Which backend, in the order they were given to the router.
    public var backend: UInt32
    public var device: BackendDevice
    /// The index clients know the device by; for journals.
    public var deviceIndex: UInt32
    /// The feature's index on the wire.
    public var feature: UInt32
    public var type: OutputType
    public var value: Int32
    /// Milliseconds; only for `hwPositionWithDuration`, else 0.
    public var duration: UInt32
    /// Give it back with the answer.
    public var ticket: UInt32
    /// The session whose command this is (its slot), or `noSession` when the router writes on its own.
    public var session: UInt32

    public static let noSession = UInt32.max

    @inline(__always)
    public init(
        to target: DeviceTarget, type: OutputType, value: Int32, duration: UInt32 = 0, ticket: UInt32, session: UInt32 = noSession
    ) {
        backend = target.backend
        device = target.device
        deviceIndex = target.deviceIndex
        feature = target.feature
        self.type = type
        self.value = value
        self.duration = duration
        self.ticket = ticket
        self.session = session
    }
}

/// Which output a write goes to.
public struct DeviceTarget: Hashable, Sendable {
    /// Which backend, in the order they were given to the router.
    public var backend: UInt32
    public var device: BackendDevice
    /// The index clients know the device by.
    public var deviceIndex: UInt32
    /// The feature's index on the wire.
    public var feature: UInt32

    @inline(__always)
    public init(backend: UInt32, device: BackendDevice, deviceIndex: UInt32, feature: UInt32) {
        self.backend = backend
        self.device = device
        self.deviceIndex = deviceIndex
        self.feature = feature
    }
}

/// What the router asks of a backend, apart from writes.
public enum BackendRequest: Hashable, Sendable {
    case startScanning
    case stopScanning
    /// Answer with `readAnswered`.
    case read(device: BackendDevice, feature: UInt32, type: InputType, request: UInt32)
    /// Answer with `subscriptionAnswered`; from then on send `reading`.
    case subscribe(device: BackendDevice, feature: UInt32, type: InputType, request: UInt32)
    /// Answer with `subscriptionAnswered`.
    case unsubscribe(device: BackendDevice, feature: UInt32, type: InputType, request: UInt32)
    /// An emergency stop or the router's end: whatever the backend fronts should stop its outputs by its own means too.
    case stopOutputs
    /// The device refuses to be stopped: the backend may cut it off.
    case cutOff(device: BackendDevice)
}

/// What a backend says.
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

/// A place where devices live.
public protocol Backend: AnyObject {
    /// Carries out writes, in order. Each is answered once with `answered`, at once or later, unless its device disappears first.
    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, for owner: any BackendOwner, at now: Instant)
    /// Carries out a request; answers come as events, at once or later.
    func handle(_ request: BackendRequest, for owner: any BackendOwner, at now: Instant)
    /// The earliest instant at which `deadlinePassed` is wanted.
    var deadline: Instant { get }
    /// Time has come to `deadline`, or passed it.
    func deadlinePassed(for owner: any BackendOwner, at now: Instant)
    /// A loop turn has ended; flush what is written once per turn.
    func turnEnded(at now: Instant)
}

/// Whoever asked the backend. Calling it from inside `perform`, `handle` and `deadlinePassed` is allowed.
public protocol BackendOwner: AnyObject {
    /// A write was carried out, or refused.
    func answered(ticket: UInt32, ok: Bool, at now: Instant)
    /// Anything else.
    func happened(_ event: BackendEvent, from backend: any Backend, at now: Instant)
}
