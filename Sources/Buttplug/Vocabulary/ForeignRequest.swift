// What a router asks for when another router arbitrates the device: orders of its sessions, not values.
// Must not know how the other router is reached.

/// A request about devices that another router arbitrates. Sessions are named by their slots; what one of them is, and what it may do, can be
/// asked of the router.
public enum ForeignRequest: Hashable, Sendable {
    /// The session orders this. Its device, feature, type and range exist. It is answered once, by the request's number.
    case order(ForeignOrder)
    /// What the session has there ends, as far as its stops reach: at all devices, or at one, or at one feature of that. Not answered.
    case stop(session: UInt32, device: BackendDevice?, feature: UInt32?)
    /// The session's rights are others now.
    case rightsChanged(session: UInt32)
    /// The session is over: what it has there ends.
    case sessionEnded(session: UInt32)
}

/// A command as its home gets it.
public struct ForeignOrder: Hashable, Sendable {
    public var session: UInt32
    /// What its answer names; never 0.
    public var request: UInt32
    public var device: BackendDevice
    public var feature: UInt32
    public var type: OutputType
    public var value: Int32
    /// Milliseconds; only for `hwPositionWithDuration`, else 0.
    public var duration: UInt32

    public init(session: UInt32, request: UInt32, device: BackendDevice, feature: UInt32, type: OutputType, value: Int32) {
        (self.session, self.request, self.device, self.feature) = (session, request, device, feature)
        (self.type, self.value, duration) = (type, value, 0)
    }
}

/// What became of an order at the device's home.
public enum ForeignOutcome: UInt8, Hashable, Sendable, CaseIterable {
    case ok
    /// The device refused it.
    case refused
    /// The device, or its home, did not answer in time.
    case timedOut
    /// The device, or the way to it, is gone.
    case deviceGone
    /// Another session has this output for now.
    case leased
    /// The session may only look.
    case observer
    /// Longer than the output's home allows.
    case durationOutOfRange
    /// The home has no such value.
    case valueOutOfRange
    /// More orders wait than its home takes.
    case limit
}
