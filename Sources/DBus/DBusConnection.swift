// One connection to a bus from its first byte: handshake, name, calls with their answers, signals, descriptors.
// Must not know sockets or clocks: bytes in, bytes and events out. What is asked for, and why, is its owner's.

import Host

/// The client's end of a connection. `Tag` says what a call was about.
public struct DBusConnection<Tag> {
    public enum Event {
        /// The bus knows us. Calls that were made before are on their way.
        case ready
        case answer(Tag, DBusMessage)
        case failure(Tag, DBusFailure)
        case signal(DBusMessage)
    }

    private struct Awaited {
        var serial: UInt32
        var deadline: Instant
        var tag: Tag
    }

    /// Can turn into the next one.
    private enum Phase { case greeting, asking, naming, ready }

    /// What is to be sent.
    public private(set) var output: [UInt8] = []
    /// Failures that no message brought.
    private var events: [Event] = []
    private var input: [UInt8] = []
    /// How much of it has been read.
    private var used = 0
    private var heads = DBusHeads()
    private var held: [Int32] = []
    private var phase = Phase.greeting
    private let takesDescriptors: Bool
    private var lastSerial: UInt32 = 0
    private var hello: UInt32 = 0
    private var awaited: [Awaited] = []
    /// Calls that were made before the bus knew us.
    private var early: [UInt8] = []

    /// Descriptors that wait for their message; more end the connection.
    private static var heldMax: Int { 64 }
    /// Open calls. More fail at once.
    private static var awaitedMax: Int { 1_024 }

    /// - Parameter takesDescriptors: Whether the socket can bring descriptors.
    public init(takesDescriptors: Bool = false) {
        self.takesDescriptors = takesDescriptors
        // The bus takes the user from the socket.
        output = [0] + Array("AUTH EXTERNAL\r\n".utf8)
    }

    // MARK: Out

    public mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Forgets what has been sent, and keeps the memory.
    public mutating func clearOutput() { output.removeAll(keepingCapacity: true) }

    /// Calls. One event says what became of it, at the latest when `deadline` has passed.
    public mutating func call(_ message: DBusMessage, for tag: Tag, until deadline: Instant = .never) {
        guard awaited.count < Self.awaitedMax else { return events.append(.failure(tag, .full)) }
        var message = message
        message.serial = nextSerial()
        awaited.append(Awaited(serial: message.serial, deadline: deadline, tag: tag))
        send(message.bytes)
    }

    /// Sends a call that was written before, with a new serial. One event says what became of it.
    public mutating func call(prepared bytes: inout [UInt8], for tag: Tag, until deadline: Instant) {
        guard awaited.count < Self.awaitedMax else { return events.append(.failure(tag, .full)) }
        let serial = nextSerial()
        for place in 0..<4 { bytes[8 + place] = UInt8(truncatingIfNeeded: serial >> (8 * UInt32(place))) }
        awaited.append(Awaited(serial: serial, deadline: deadline, tag: tag))
        send(bytes)
    }

    private mutating func send(_ bytes: [UInt8]) { if phase == .ready { output += bytes } else { early += bytes } }

    private mutating func nextSerial() -> UInt32 {
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        return lastSerial
    }

    /// Takes back what matches: its answer is nobody's.
    public mutating func forget(where isMeant: (Tag) -> Bool) { awaited.removeAll { isMeant($0.tag) } }

    // MARK: Time

    /// When the first call runs out of time.
    public var deadline: Instant { awaited.reduce(.never) { min($0, $1.deadline) } }

    public mutating func deadlinePassed(at now: Instant) {
        for call in awaited where call.deadline <= now { events.append(.failure(call.tag, .timedOut)) }
        awaited.removeAll { $0.deadline <= now }
    }

    // MARK: In

    /// Bytes came, and descriptors with them; `next` says what they mean.
    /// - Throws: When they are not what a bus says: the connection is of no use any more.
    public mutating func receive(_ bytes: RawSpan, passed: inout [Int32]) throws(DBusMessage.Malformed) {
        if used > 0 { input.removeSubrange(..<used) }
        used = 0
        bytes.withUnsafeBytes { input.append(contentsOf: $0) }
        held += passed
        passed = []
        try greet()
        if held.count > Self.heldMax { throw DBusMessage.Malformed() }
    }

    /// The next thing that has happened; nil when that was all. To be called until then after `receive`, `call` and `deadlinePassed`: what
    /// the owner does about one event counts for those that follow.
    /// - Parameter passed: Gets descriptors that are nobody's: they are to be closed. The event's own are its reader's.
    /// - Throws: As `receive`.
    public mutating func next(passed: inout [Int32]) throws(DBusMessage.Malformed) -> Event? {
        if !events.isEmpty { return events.removeFirst() }
        guard phase == .naming || phase == .ready else { return nil }
        while let (found, count) = try DBusMessage.read(input[used...], heads: &heads) {
            used += count
            var message = found
            guard Int(message.descriptorCount) <= held.count else { throw DBusMessage.Malformed() }
            message.descriptors = Array(held.prefix(Int(message.descriptorCount)))
            held.removeFirst(message.descriptors.count)
            if let event = try take(message, &passed) { return event }
        }
        return nil
    }

    /// The connection is over: descriptors that no message has claimed, to be closed.
    public mutating func takeHeld() -> [Int32] {
        defer { held = [] }
        return held
    }

    /// The handshake's lines (specification, "Authentication Protocol").
    private mutating func greet() throws(DBusMessage.Malformed) {
        while phase == .greeting || phase == .asking {
            guard let end = input.firstIndex(of: 0x0A) else {
                if input.count > 4096 { throw DBusMessage.Malformed() }
                return
            }
            let line = String(decoding: input[..<end], as: UTF8.self)
            input.removeSubrange(...end)
            switch phase {
            case .greeting where line.hasPrefix("DATA"): output += Array("DATA\r\n".utf8)
            case .greeting where line.hasPrefix("OK") && takesDescriptors:
                output += Array("NEGOTIATE_UNIX_FD\r\n".utf8)
                phase = .asking
            case .greeting where line.hasPrefix("OK"): begin()
            case .asking where line.hasPrefix("AGREE_UNIX_FD") || line.hasPrefix("ERROR"): begin()
            default: throw DBusMessage.Malformed()
            }
        }
    }

    private mutating func begin() {
        output += Array("BEGIN\r\n".utf8)
        phase = .naming
        var message = DBusMessage(call: "Hello", of: DBusNames.bus, on: DBusNames.path, to: DBusNames.bus)
        message.serial = nextSerial()
        hello = message.serial
        output += message.bytes
    }

    private mutating func take(_ message: DBusMessage, _ passed: inout [Int32]) throws(DBusMessage.Malformed) -> Event? {
        switch message.kind {
        case .signal: return .signal(message)
        case .answer, .error:
            if phase == .naming, message.answers == hello {
                // A bus that does not want us is of no use.
                guard message.kind == .answer else { throw DBusMessage.Malformed() }
                phase = .ready
                output += early
                early = []
                return .ready
            }
            guard let place = awaited.firstIndex(where: { $0.serial == message.answers }) else { break }
            let tag = awaited.remove(at: place).tag
            if message.kind == .answer { return .answer(tag, message) }
            passed += message.descriptors
            return .failure(tag, DBusFailure(message))
        // We offer nothing: a caller is told by its own deadline.
        case .call: break
        }
        passed += message.descriptors
        return nil
    }
}

/// The bus's own names.
public enum DBusNames {
    public static let bus = "org.freedesktop.DBus"
    public static let path = "/org/freedesktop/DBus"
    public static let properties = "org.freedesktop.DBus.Properties"
    public static let objects = "org.freedesktop.DBus.ObjectManager"

    /// The socket of the system's bus, by the environment.
    public static func systemBus(_ environment: [String: String]) -> String {
        let address = environment["DBUS_SYSTEM_BUS_ADDRESS"]?.split(separator: ",").first
        return address.flatMap { $0.hasPrefix("unix:path=") ? String($0.dropFirst(10)) : nil } ?? "/run/dbus/system_bus_socket"
    }
}

/// Why a call has no answer.
public struct DBusFailure: Error, Hashable, Sendable {
    /// "org.bluez.Error.Failed".
    public var name: String
    /// What it says; may be empty.
    public var text: String

    public init(name: String, text: String = "") { (self.name, self.text) = (name, text) }

    init(_ message: DBusMessage) {
        self.init(name: message.errorName, text: message.values?.first?.text ?? "")
    }

    /// Nobody answered in time.
    public static let timedOut = DBusFailure(name: "", text: "no answer")
    /// Too many calls are open.
    public static let full = DBusFailure(name: "", text: "too many calls are open")

    /// The last part of its name.
    public var kind: Substring { name.split(separator: ".").last ?? "" }
}
