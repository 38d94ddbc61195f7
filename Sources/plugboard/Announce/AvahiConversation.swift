// What is said to Avahi over the system's D-Bus, so that apps on the network find this router, and what its answers mean.
// Must not know sockets or clocks: bytes in, bytes and events out.

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

    private enum Step { case hello, match, owner, group, service, commit, reset }

    private static let bus = "org.freedesktop.DBus"
    private static let avahi = "org.freedesktop.Avahi"
    private static let namesMax = 20

    private let service: Service
    private var output: [UInt8] = []
    private var events: [Event] = []
    private var input: [UInt8] = []
    private var isGreeted = false
    private var lastSerial: UInt32 = 0
    private var awaited: [UInt32: Step] = [:]
    /// Avahi's own address on the bus, and its object for our services.
    private var avahiAddress = ""
    private var group = ""
    /// How many names have been tried: another computer may have the first.
    private var tries = 1

    init(_ service: Service) {
        self.service = service
        // The bus takes the user from the socket.
        output = [0] + Array("AUTH EXTERNAL\r\n".utf8)
    }

    /// The name that is tried now: at most 63 bytes, as DNS wants.
    private var name: String {
        let suffix = tries > 1 ? " #\(tries)" : ""
        var name = service.name
        while name.utf8.count + suffix.utf8.count > 63 { name.removeLast() }
        return name + suffix
    }

    /// What is to be sent.
    mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// What has happened since.
    mutating func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    /// Bytes came.
    /// - Throws: When they are not what a bus says: the connection is of no use any more.
    mutating func receive(_ bytes: [UInt8]) throws(DBusMessage.Malformed) {
        input += bytes
        while !isGreeted {
            guard let end = input.firstIndex(of: 0x0A) else {
                if input.count > 4096 { throw DBusMessage.Malformed() }
                return
            }
            let line = String(decoding: input[..<end], as: UTF8.self)
            input.removeSubrange(...end)
            if line.hasPrefix("DATA") {
                output += Array("DATA\r\n".utf8)
            } else if line.hasPrefix("OK") {
                output += Array("BEGIN\r\n".utf8)
                isGreeted = true
                call(.hello, Self.bus, "/org/freedesktop/DBus", Self.bus, "Hello")
            } else {
                throw DBusMessage.Malformed()
            }
        }
        var used = 0
        while let (message, count) = try DBusMessage.read(input[used...]) {
            used += count
            take(message)
        }
        input.removeSubrange(..<used)
    }

    // MARK: Sending

    private mutating func call(
        _ step: Step, _ destination: String, _ path: String, _ interface: String, _ member: String,
        _ arguments: (signature: String, body: [UInt8]) = ("", [])
    ) {
        lastSerial += 1
        awaited[lastSerial] = step
        var message = DBusMessage(kind: .call, serial: lastSerial)
        (message.path, message.interface, message.member, message.destination) = (path, interface, member, destination)
        (message.signature, message.body) = arguments
        output += message.bytes
    }

    private mutating func askForGroup() {
        group = ""
        call(.group, Self.avahi, "/", Self.avahi + ".Server", "EntryGroupNew")
    }

    /// To the group.
    private mutating func tell(_ step: Step, _ member: String, _ arguments: (String, [UInt8]) = ("", [])) {
        call(step, avahiAddress, group, Self.avahi + ".EntryGroup", member, arguments)
    }

    private mutating func addServices() {
        for type in service.types {
            var body = DBusWriter()
            // Every interface, IPv4 and IPv6, nothing special; this computer's own domain and name.
            body.number(Int32(-1))
            body.number(Int32(-1))
            body.number(UInt32(0))
            for text in [name, type, "", ""] { body.text(text) }
            body.number(service.port)
            body.byteArrays(service.facts.map { Array($0.utf8) })
            tell(.service, "AddService", ("iiussssqaay", body.bytes))
        }
        tell(.commit, "Commit")
    }

    // MARK: Answers

    private mutating func take(_ message: DBusMessage) {
        switch message.kind {
        case .call: break
        case .signal: signalled(message)
        case .answer:
            guard let step = awaited.removeValue(forKey: message.answers) else { return }
            answered(step, message)
        case .error:
            guard let step = awaited.removeValue(forKey: message.answers) else { return }
            failed(step, message.errorName)
        }
    }

    private mutating func answered(_ step: Step, _ message: DBusMessage) {
        var body = DBusReader(message.body[...])
        switch step {
        case .hello:
            var rule = DBusWriter()
            rule.text("type='signal',sender='\(Self.bus)',interface='\(Self.bus)',member='NameOwnerChanged',arg0='\(Self.avahi)'")
            call(.match, Self.bus, "/org/freedesktop/DBus", Self.bus, "AddMatch", ("s", rule.bytes))
            var name = DBusWriter()
            name.text(Self.avahi)
            call(.owner, Self.bus, "/org/freedesktop/DBus", Self.bus, "GetNameOwner", ("s", name.bytes))
        case .owner:
            guard let address = body.text() else { return }
            avahiAddress = address
            askForGroup()
        case .group:
            // An Avahi that has ended since is not meant.
            guard let path = body.text(), message.sender == avahiAddress else { return }
            group = path
            addServices()
        case .match, .service, .commit, .reset: break
        }
    }

    private mutating func failed(_ step: Step, _ error: String) {
        switch step {
        case .owner: events.append(.absent)
        case .service where error.hasSuffix(".CollisionError"): tryNextName()
        case .hello, .match, .group, .service, .commit, .reset: giveUp(error)
        }
    }

    private mutating func giveUp(_ reason: String) {
        events.append(.refused(reason))
        forgetAnswers()
    }

    /// What is still to be answered is not about what comes now.
    private mutating func forgetAnswers() { awaited = awaited.filter { $0.value == .match } }

    private mutating func tryNextName() {
        forgetAnswers()
        guard tries < Self.namesMax else { return giveUp("every name is taken") }
        tries += 1
        tell(.reset, "Reset")
        addServices()
    }

    private mutating func signalled(_ message: DBusMessage) {
        var body = DBusReader(message.body[...])
        if message.sender == Self.bus, message.member == "NameOwnerChanged", message.signature == "sss" {
            guard body.text() == Self.avahi, body.text() != nil, let owner = body.text() else { return }
            forgetAnswers()
            (avahiAddress, group, tries) = (owner, "", 1)
            if owner.isEmpty { events.append(.absent) } else { askForGroup() }
        } else if message.sender == avahiAddress, message.path == group, message.member == "StateChanged", message.signature == "is" {
            switch (body.number(), body.text()) {
            case (2, _): events.append(.announced(name))
            case (3, _): tryNextName()
            case (4, let reason): giveUp(reason ?? "")
            default: break
            }
        }
    }
}
