// The seam of a protocol: how a device is opened, and how the wanted state becomes packets.
// A protocol is pure: no clock, no wire, no catalogue. What it waits for, it says; the core waits.

import Buttplug
import Host

/// What a protocol needs next before its device is ready.
enum Opening: Sendable {
    /// Something that the device says, but not for ever: then `waited`.
    case wait(Interval)
    /// The catalogue's model of this identifier, or of the protocol's defaults for nil: then `adopt`.
    case model(String?)
    /// The device has said itself what it is: then `adopt`, with this model.
    case described(Model)
    /// Nothing more.
    case ready
    /// It can not be driven; the reason is for people.
    case refused(StaticString)
    /// Another protocol takes over. It is asked nothing: its `adopt` is called, with its model of this identifier.
    case another(String, model: String?)
}

/// What must happen while nobody wants anything. Asked again after each call of the protocol.
enum KeepAlive: Equatable, Sendable {
    case none
    /// When nothing was written for so long, encode the whole state again.
    case again(Interval)
    /// When so long has passed since a move or a spray was written last, or since `waited`, call `waited`: what other outputs are told does not
    /// put it off. Of a device without moves and sprays every write counts.
    case ask(Interval)
}

/// What a protocol is told when it begins.
struct DeviceSetup: Sendable {
    /// The advertised name, "" without one. It may have control characters.
    var name = ""
    var endpoints: EndpointSet
    /// Manufacturer data of the advertisement.
    var makers: [MakerData] = []
    /// What the configuration says that it is, where it does: there is no need to ask.
    var model: String?

    init(name: String = "", endpoints: EndpointSet, makers: [MakerData] = [], model: String? = nil) {
        self.name = name
        self.endpoints = endpoints
        self.makers = makers
        self.model = model
    }
}

/// Drives one device; `ProtocolTable` makes one from a `DeviceSetup`. The order of calls: `begin`, then `received` and `waited` until one says `.model`, `adopt`, the same until `.ready`;
/// then `encode`, `ask` and `received` in any order, and `waited` for `KeepAlive.ask`.
protocol DeviceProtocol {
    mutating func begin(into out: inout DeviceOutput) -> Opening
    /// The catalogue's answer to `.model`.
    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening
    /// A notification, or the answer to a read. Anything may come at any time. Nil: this changes nothing. Once the device is ready the
    /// result does not count.
    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening?
    /// The time of `.wait` or `KeepAlive.ask` is over; for the latter the result does not count.
    mutating func waited(into out: inout DeviceOutput) -> Opening
    /// Packets that make the device do what the state says where it is dirty, or more. All zero and all dirty is a stop.
    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput)
    /// Asks for a reading, which `received` then gives; false when this protocol cannot.
    mutating func ask(_ input: InputType, into out: inout DeviceOutput) -> Bool
    var keepAlive: KeepAlive { get }
    /// A move that `waited` would go on with has been held up for so long that it is not to go on.
    mutating func endMoves()
    /// What packets change in the protocol. Set again when one that was made once the device was ready did not go out: then the next encoding
    /// makes the same packet.
    var memory: DeviceMemory { get set }
}

extension DeviceProtocol {
    mutating func begin(into out: inout DeviceOutput) -> Opening { .model(nil) }
    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening { .ready }
    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? { nil }
    mutating func waited(into out: inout DeviceOutput) -> Opening { .refused("the device did not answer") }
    mutating func ask(_ input: InputType, into out: inout DeviceOutput) -> Bool { false }
    var keepAlive: KeepAlive { .none }
    mutating func endMoves() {}
    var memory: DeviceMemory {
        get { DeviceMemory() }
        set {}
    }
}
