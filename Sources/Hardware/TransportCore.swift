// The seam of a transport: who is there, and how bytes get to it. Bluetooth, serial lines and sockets have one core each.
// A transport core is pure: what happened and the time go in, effects come out. It must not know protocols, features or clients.

import Host

/// What came of a packet.
enum Sent: UInt8, Hashable, Sendable {
    /// It is on its way as soon as the backend has flushed the effects.
    case done
    /// The device answers: `TransportEvent.wrote` follows.
    case pending
    /// Not now, and not kept: `TransportEvent.drained` follows.
    case blocked
    /// The device is gone; `TransportEvent.lost` has been said, or is about to be.
    case gone
    /// The device has no such endpoint, so this packet can never go. It is there all the same.
    case lacking
}

/// One kind of way to devices.
///
/// A device has the number that `connect` gave it, from then until `leave` or `lost`. It can be connected again with the same number.
protocol TransportCore: ~Copyable {
    /// When `deadlinePassed` is wanted. `.zero` at first: that begins the transport's work.
    var deadline: Instant { get }
    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects)

    /// Begins to look for devices, or ends it. What is found by itself is `found` without a scan.
    mutating func scan(_ isOn: Bool, at now: Instant, into out: inout TransportEffects)
    /// Connects a device that was `found`. `ready` or `lost` follows.
    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects)
    /// Lets go of a device, in every state. What was written before still leaves. No event about it follows.
    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects)

    /// Sends a packet to a device that is `ready`. `bytes` are the packet's alone.
    mutating func write(_ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects) -> Sent
    /// What paces packets to this device does not hold the next one back: it is the last.
    mutating func hurry(_ device: UInt32)
    /// Asks for what an endpoint has. `received` follows, or `silent`.
    mutating func read(_ endpoint: DeviceEndpoint, of device: UInt32, at now: Instant, into out: inout TransportEffects)
    /// What comes from the endpoint is `received` from now on, until `isOn` is false.
    mutating func subscribe(
        _ endpoint: DeviceEndpoint, of device: UInt32, _ isOn: Bool, at now: Instant, into out: inout TransportEffects)

    // What the wires say. A transport without wires leaves them out.

    mutating func wireOpened(_ wire: WireID, at now: Instant, into out: inout TransportEffects)
    mutating func received(_ bytes: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects)
    /// As `WireOwner.passed`.
    mutating func passed(_ descriptor: Int32, from wire: WireID) -> Bool
    /// The wire did not take what a run had for it. `wireDrained` follows.
    mutating func wireBlocked(_ wire: WireID)
    mutating func wireDrained(_ wire: WireID, at now: Instant, into out: inout TransportEffects)
    mutating func wireClosed(_ wire: WireID, _ end: WireEnd, at now: Instant, into out: inout TransportEffects)

    // What the watchdog needs.

    /// There is a watchdog: what it needs to reach devices is to be kept ready.
    mutating func prepareLetters()
    /// How the watchdog brings a packet to a ready device. `TransportEvent.lettersChanged` follows when that is another way from now on, but
    /// for ways that end with their wire.
    func letter(_ packet: Packet, _ bytes: [UInt8], to device: UInt32) -> LetterWay
    /// Whether its devices see by themselves that the router is gone: a device without a letter is not worth a word then.
    static var devicesSeeTheEnd: Bool { get }
}

/// How a packet gets to a device without the router.
enum LetterWay: Hashable {
    /// By a duplicate of this wire's descriptor. Paced: the device answers each packet before it takes another.
    case write([UInt8], to: WireID, isPaced: Bool)
    /// The way is being made; `TransportEvent.lettersChanged` follows.
    case later
    case none
}

extension TransportCore where Self: ~Copyable {
    mutating func prepareLetters() {}
    func letter(_ packet: Packet, _ bytes: [UInt8], to device: UInt32) -> LetterWay { .none }
    static var devicesSeeTheEnd: Bool { false }
    mutating func scan(_ isOn: Bool, at now: Instant, into out: inout TransportEffects) {
        if isOn { out.events.append(.scanEnded) }
    }
    mutating func read(_ endpoint: DeviceEndpoint, of device: UInt32, at now: Instant, into out: inout TransportEffects) {
        out.events.append(.silent(device, endpoint))
    }
    mutating func hurry(_ device: UInt32) {}
    mutating func subscribe(
        _ endpoint: DeviceEndpoint, of device: UInt32, _ isOn: Bool, at now: Instant, into out: inout TransportEffects
    ) {}
    mutating func wireOpened(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {}
    mutating func received(_ bytes: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects) {}
    mutating func passed(_ descriptor: Int32, from wire: WireID) -> Bool { false }
    mutating func wireBlocked(_ wire: WireID) {}
    mutating func wireDrained(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {}
    mutating func wireClosed(_ wire: WireID, _ end: WireEnd, at now: Instant, into out: inout TransportEffects) {}
}

extension TransportCore where Self: ~Copyable {
    /// Does one thing that a protocol wants.
    /// - Parameter bytes: The buffer that a packet's range is of.
    mutating func carryOut(
        _ step: DeviceStep, _ bytes: UnsafeRawBufferPointer, of device: UInt32, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        switch step {
        case .write(let packet):
            return write(packet, UnsafeRawBufferPointer(rebasing: bytes[packet.range]).bytes, to: device, at: now, into: &out)
        case .read(let endpoint): read(endpoint, of: device, at: now, into: &out)
        case .subscribe(let endpoint): subscribe(endpoint, of: device, true, at: now, into: &out)
        case .unsubscribe(let endpoint): subscribe(endpoint, of: device, false, at: now, into: &out)
        }
        return .done
    }
}

/// The rim of a transport: owns what its core only names.
protocol TransportRim: AnyObject {
    /// Carries out what the core left: opens wires, sends the runs, closes wires. Notes in each run whether its wire took it.
    func flush(_ effects: inout TransportEffects, at now: Instant)
    /// A loop turn has ended.
    func turnEnded(at now: Instant)
    /// Lets go of everything.
    func stop(at now: Instant)
    /// A packet as it is written to the wire's descriptor, and that descriptor; nil when a program that has only the descriptor cannot send.
    func letter(_ packet: [UInt8], to wire: WireID) -> (bytes: [UInt8], descriptor: Int32)?
}

extension TransportRim {
    func turnEnded(at now: Instant) {}
    func letter(_ packet: [UInt8], to wire: WireID) -> (bytes: [UInt8], descriptor: Int32)? { nil }
}
