// What can be commanded and sensed, by the names of the specification (v4).
// Must not know how a version writes a message.

/// An actuator's kind of output (spec v4, Output Types).
public enum OutputType: UInt8, CaseIterable, Hashable, Sendable {
    case vibrate, rotate, oscillate, constrict, spray, temperature, led, position
    case hwPositionWithDuration

    /// The name on the wire.
    public var name: StaticString {
        switch self {
        case .vibrate: "Vibrate"
        case .rotate: "Rotate"
        case .oscillate: "Oscillate"
        case .constrict: "Constrict"
        case .spray: "Spray"
        case .temperature: "Temperature"
        case .led: "Led"
        case .position: "Position"
        case .hwPositionWithDuration: "HwPositionWithDuration"
        }
    }

    /// A move goes somewhere once and is never held (`Position`, `HwPositionWithDuration`).
    @inlinable public var isMove: Bool { rawValue >= OutputType.position.rawValue }
    /// A held output keeps its value until it is told another.
    @inlinable public var isHeld: Bool { !isMove && self != .spray }
}

/// A sensor's kind of reading (spec v4, Input Types).
public enum InputType: UInt8, CaseIterable, Hashable, Sendable {
    case battery, rssi, pressure, button, depth, position

    /// The name on the wire. Signal strength has two, `RSSI` in the specification and `Rssi` in the reference; this is the reference's.
    public var name: StaticString {
        switch self {
        case .battery: "Battery"
        case .rssi: "Rssi"
        case .pressure: "Pressure"
        case .button: "Button"
        case .depth: "Depth"
        case .position: "Position"
        }
    }
}

/// What may be asked of a sensor.
public enum InputCommand: UInt8, Hashable, Sendable { case read, subscribe, unsubscribe }

/// The protocol's error classes (spec v4, Error).
public enum ErrorCode: UInt8, Hashable, Sendable { case unknown = 0, handshake = 1, ping = 2, message = 3, device = 4 }

/// A version of the message specification that this server supports.
public enum SpecVersion: UInt8, CaseIterable, Hashable, Comparable, Sendable {
    case v0, v1, v2, v3, v4
    @inlinable public static func < (a: SpecVersion, b: SpecVersion) -> Bool { a.rawValue < b.rawValue }
}
