// One value on its way to one output of one device.
// Must not know who wrote it but by number, nor what the device makes of it.

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
    /// The session whose value it is (its slot); `noSession` for a zero and for any other value that is nobody's.
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

/// What came of a write.
public enum WriteOutcome: UInt8, Hashable, Sendable, CaseIterable {
    /// The device has taken it.
    case done
    /// The device, or the server that has it, said no; or that server said nothing in time.
    case refused
    /// It did not get to the device: there is no way there now.
    case unreachable
}
