// What is said to Avahi, byte for byte where others have to read it, and what becomes of its answers.
import DBus
import Testing

@testable import plugboard

@Suite struct AnnounceTests {
    /// A bus with an Avahi, as far as one conversation needs them.
    private struct Bus {
        var conversation = AvahiConversation(.init(name: "Plugboard", port: 12_345))
        var serial: UInt32 = 100

        /// The calls that were made since.
        mutating func calls() throws -> [DBusMessage] {
            let bytes = conversation.takeOutput()
            var (rest, found) = (bytes[...], [DBusMessage]())
            while let (message, count) = try DBusMessage.read(rest) {
                found.append(message)
                rest = rest.dropFirst(count)
            }
            #expect(rest.isEmpty)
            return found
        }

        mutating func events() -> [AvahiConversation.Event] { conversation.takeEvents() }
        mutating func text() -> String { String(decoding: conversation.takeOutput(), as: UTF8.self) }
        mutating func say(_ line: String) throws { try conversation.receive(Array((line + "\r\n").utf8).span.bytes) }

        mutating func send(
            _ kind: DBusMessage.Kind, to call: DBusMessage? = nil, from sender: String = ":1.5", _ texts: [String] = [],
            change: (inout DBusMessage) -> Void = { _ in }
        ) throws {
            serial += 1
            var message = DBusMessage(kind: kind, serial: serial)
            (message.answers, message.sender) = (call?.serial ?? 0, sender)
            message.set(String(repeating: "s", count: texts.count), texts.map { .string($0) })
            change(&message)
            try conversation.receive(message.bytes.span.bytes)
        }

        mutating func owner(_ address: String) throws {
            try send(.signal, from: "org.freedesktop.DBus", ["org.freedesktop.Avahi", "", address]) { $0.member = "NameOwnerChanged" }
        }

        mutating func state(_ state: Int32) throws {
            try send(.signal) {
                ($0.path, $0.member) = ("/g/1", "StateChanged")
                $0.set("is", [.int32(state), .string("")])
            }
        }

        /// Greets, and gives the calls that follow the bus's own.
        mutating func greet(owner: String? = ":1.5") throws {
            #expect(text() == "\0AUTH EXTERNAL\r\n")
            try say("DATA")
            #expect(text() == "DATA\r\n")
            try say("OK 0123456789abcdef")
            let bytes = conversation.takeOutput()
            #expect(bytes.starts(with: Array("BEGIN\r\n".utf8)))
            let hello = try #require(try DBusMessage.read(bytes[7...])).message
            #expect(hello.member == "Hello")
            try send(.answer, to: hello, from: "org.freedesktop.DBus", [":1.9"])
            let (match, name) = (try calls(), ["AddMatch", "GetNameOwner"])
            #expect(match.map(\.member) == name)
            if let owner {
                try send(.answer, to: match[1], from: "org.freedesktop.DBus", [owner])
            } else {
                try send(.error, to: match[1], from: "org.freedesktop.DBus") { $0.errorName = "org.freedesktop.DBus.Error.NameHasNoOwner" }
            }
        }

        /// Makes the group, and gives what is said to it.
        mutating func group() throws -> [DBusMessage] {
            let asked = try calls()
            #expect(asked.map(\.member) == ["EntryGroupNew"])
            try send(.answer, to: asked[0], ["/g/1"]) { $0.signature = "o" }
            return try calls()
        }
    }

    /// Type and name of an AddService.
    private func service(_ call: DBusMessage) -> [String] {
        Array(call.values?[3...4].compactMap(\.text) ?? [])
    }

    @Test("Avahi is asked for both services with the port and the path, and the name is told when they stand.")
    func announces() throws {
        var bus = Bus()
        try bus.greet()
        let calls = try bus.group()
        #expect(calls.map(\.member) == ["AddService", "AddService", "Commit"])
        #expect(calls.allSatisfy { $0.path == "/g/1" && $0.destination == ":1.5" })
        #expect(calls.prefix(2).map(service) == [["Plugboard", "_intiface_engine._tcp"], ["Plugboard", "_plugboard._tcp"]])
        #expect(calls[0].signature == "iiussssqaay")
        // The port, then an array of one array of six bytes.
        #expect(Array(calls[0].body.suffix(16)) == [0x39, 0x30, 10, 0, 0, 0, 6, 0, 0, 0] + Array("path=/".utf8))
        #expect(bus.events() == [])
        try bus.state(1)
        try bus.state(2)
        #expect(bus.events() == [.announced("Plugboard")])
    }

    @Test("Without Avahi that is told, and it is asked when it comes, and again when it comes back.")
    func returns() throws {
        var bus = Bus()
        try bus.greet(owner: nil)
        #expect(bus.events() == [.absent])
        let none = try bus.calls()
        #expect(none == [])
        for _ in 0..<2 {
            try bus.owner(":1.5")
            let said = try bus.group()
            #expect(said.count == 3)
            try bus.state(2)
            try bus.owner("")
            #expect(bus.events() == [.announced("Plugboard"), .absent])
        }
        // What others send in its name is ignored.
        try bus.state(2)
        #expect(bus.events() == [])
    }

    @Test("A name that another computer has is left to it.")
    func collides() throws {
        var bus = Bus()
        try bus.greet()
        let first = try bus.group()
        try bus.send(.error, to: first[0]) { $0.errorName = "org.freedesktop.Avahi.CollisionError" }
        try bus.send(.error, to: first[1]) { $0.errorName = "org.freedesktop.Avahi.CollisionError" }
        let second = try bus.calls()
        #expect(second.map(\.member) == ["Reset", "AddService", "AddService", "Commit"])
        #expect(service(second[1])[0] == "Plugboard #2")
        try bus.state(3)
        let third = try bus.calls()
        #expect(service(third[1])[0] == "Plugboard #3")
        try bus.state(2)
        #expect(bus.events() == [.announced("Plugboard #3")])
    }

    @Test("What is no bus, and what refuses, gets nothing more.")
    func refused() throws {
        var bus = Bus()
        #expect(throws: DBusMessage.Malformed.self) { try bus.say("REJECTED EXTERNAL") }
        var other = Bus()
        try other.greet()
        let calls = try other.group()
        try other.send(.error, to: calls[0]) { $0.errorName = "org.freedesktop.Avahi.NotPermittedError" }
        #expect(other.events() == [.refused("org.freedesktop.Avahi.NotPermittedError")])
    }

    @Test(
        "Only what other computers reach is announced, and the log says what is not.",
        arguments: [("ws://127.0.0.1:1", true), ("ws://localhost:1", true), ("unix:///tmp/x", true), ("ws://0.0.0.0:1", false)])
    func loopback(address: String, isTrouble: Bool) {
        var settings = Settings()
        settings.listen = [address]
        #expect(settings.announceTrouble == nil)
        settings.announce = true
        #expect((settings.announceTrouble != nil) == isTrouble)
    }
}
