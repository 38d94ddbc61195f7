// What is said to Avahi over the system's D-Bus, so that apps on the network find this router, and what its answers mean.
// Must not know sockets or clocks: bytes in, bytes and events out.

import DBus

/// One connection to the bus, from its first byte.
struct AvahiConversation {
    enum Event: Hashable {
        /// Apps find the router under this name.
        case announced(String)
        /// Avahi does not run, or has ended; when it comes, it is asked.
        case absent
        /// Avahi, or the bus, does not want it.
        case refused(String)
    }

    struct Service: Hashable {
        /// What people see.
        var name: String
        var port: UInt16
        var types = ["_intiface_engine._tcp", "_plugboard._tcp"]
        var facts = ["path=/"]
    }

    private enum Step { case match, owner, group, service, commit, reset }

    private static let bus = DBusNames.bus
    private static let avahi = "org.freedesktop.Avahi"
    private static let namesMax = 20

    private let service: Service
    private var connection = DBusConnection<Step>()
    private var events: [Event] = []
    /// Avahi's own address on the bus, and its object for our services.
    private var avahiAddress = ""
    private var group = ""
    /// How many names have been tried: another computer may have the first.
    private var tries = 1

    init(_ service: Service) {
        self.service = service
        askForOwner()
    }

    /// The name that is tried now: at most 63 bytes, as DNS wants.
    private var name: String {
        let suffix = tries > 1 ? " #\(tries)" : ""
        var name = service.name
        while name.utf8.count + suffix.utf8.count > 63 { name.removeLast() }
        return name + suffix
    }

    /// What is to be sent.
    mutating func takeOutput() -> [UInt8] { connection.takeOutput() }

    /// What has happened since.
    mutating func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    /// Bytes came.
    /// - Throws: When they are not what a bus says: the connection is of no use any more.
    mutating func receive(_ bytes: RawSpan) throws(DBusMessage.Malformed) {
        var passed: [Int32] = []
        try connection.receive(bytes, passed: &passed)
        while let event = try connection.next(passed: &passed) {
            switch event {
            case .ready: break
            case .answer(let step, let message): answered(step, message)
            case .failure(let step, let failure): failed(step, failure.name)
            case .signal(let message): signalled(message)
            }
        }
    }

    // MARK: Sending

    private mutating func call(
        _ step: Step, _ destination: String, _ path: String, _ member: (interface: String, name: String),
        _ arguments: (signature: String, values: [DBusValue]) = ("", [])
    ) {
        connection.call(
            DBusMessage(call: member.name, of: member.interface, on: path, to: destination, arguments.signature, arguments.values),
            for: step)
    }

    private mutating func askForOwner() {
        let rule = "type='signal',sender='\(Self.bus)',interface='\(Self.bus)',member='NameOwnerChanged',arg0='\(Self.avahi)'"
        call(.match, Self.bus, DBusNames.path, (Self.bus, "AddMatch"), ("s", [.string(rule)]))
        call(.owner, Self.bus, DBusNames.path, (Self.bus, "GetNameOwner"), ("s", [.string(Self.avahi)]))
    }

    private mutating func askForGroup() {
        group = ""
        call(.group, Self.avahi, "/", (Self.avahi + ".Server", "EntryGroupNew"))
    }

    /// To the group.
    private mutating func tell(_ step: Step, _ member: String, _ arguments: (String, [DBusValue]) = ("", [])) {
        call(step, avahiAddress, group, (Self.avahi + ".EntryGroup", member), arguments)
    }

    private mutating func addServices() {
        for type in service.types {
            // Every interface, IPv4 and IPv6, nothing special; this computer's own domain and name.
            let texts = [name, type, "", ""].map { DBusValue.string($0) }
            let facts = DBusValue.list(service.facts.map { .bytes(Array($0.utf8)) })
            tell(.service, "AddService", ("iiussssqaay", [.int32(-1), .int32(-1), .uint32(0)] + texts + [.uint16(service.port), facts]))
        }
        tell(.commit, "Commit")
    }

    // MARK: Answers

    private mutating func answered(_ step: Step, _ message: DBusMessage) {
        let text = message.values?.first?.text
        switch step {
        case .owner:
            guard let address = text else { return }
            avahiAddress = address
            askForGroup()
        case .group:
            // An Avahi that has ended since is not meant.
            guard let path = text, message.sender == avahiAddress else { return }
            group = path
            addServices()
        case .match, .service, .commit, .reset: break
        }
    }

    private mutating func failed(_ step: Step, _ error: String) {
        switch step {
        case .owner: events.append(.absent)
        case .service where error.hasSuffix(".CollisionError"): tryNextName()
        case .match, .group, .service, .commit, .reset: giveUp(error)
        }
    }

    private mutating func giveUp(_ reason: String) {
        events.append(.refused(reason))
        forgetAnswers()
    }

    /// What is still to be answered is not about what comes now.
    private mutating func forgetAnswers() { connection.forget { $0 != .match } }

    private mutating func tryNextName() {
        forgetAnswers()
        guard tries < Self.namesMax else { return giveUp("every name is taken") }
        tries += 1
        tell(.reset, "Reset")
        addServices()
    }

    private mutating func signalled(_ message: DBusMessage) {
        if message.sender == Self.bus, message.member == "NameOwnerChanged", let values = message.values("sss") {
            guard values[0].text == Self.avahi, let owner = values[2].text else { return }
            forgetAnswers()
            (avahiAddress, group, tries) = (owner, "", 1)
            if owner.isEmpty { events.append(.absent) } else { askForGroup() }
        } else if message.sender == avahiAddress, message.path == group, message.member == "StateChanged", let values = message.values("is")
        {
            switch values[0].integer {
            case 2: events.append(.announced(name))
            case 3: tryNextName()
            case 4: giveUp(values[1].text ?? "")
            default: break
            }
        }
    }
}
