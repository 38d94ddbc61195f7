// Messages, values and connections of D-Bus, byte for byte where others have to read them.
import DBus
import Host
import Testing

@Suite struct DBusMessageTests {
    @Test("A call has the bytes that the specification of D-Bus gives it.")
    func bytes() throws {
        var call = DBusMessage(kind: .call, serial: 1)
        (call.path, call.member) = ("/a", "M")
        call.set("s", [.string("x")])
        let expected: [UInt8] = [
            0x6C, 1, 2, 1, 6, 0, 0, 0, 1, 0, 0, 0, 39, 0, 0, 0,  // little-endian, a call, version 1; lengths and serial
            1, 1, 0x6F, 0, 2, 0, 0, 0, 0x2F, 0x61, 0, 0, 0, 0, 0, 0,  // the path
            3, 1, 0x73, 0, 1, 0, 0, 0, 0x4D, 0, 0, 0, 0, 0, 0, 0,  // the member
            8, 1, 0x67, 0, 1, 0x73, 0, 0,  // the signature
            1, 0, 0, 0, 0x78, 0,  // the body
        ]
        #expect(call.bytes == expected)
        #expect(try #require(try DBusMessage.read(call.bytes[...])).message == call)
        for count in 0..<call.bytes.count { #expect(try DBusMessage.read(call.bytes[..<count]) == nil) }
        #expect(throws: DBusMessage.Malformed.self) { try DBusMessage.read(Array(repeating: UInt8(0xFF), count: 16)[...]) }
    }

    @Test("Every type is read back as it was written, in both orders of bytes.", arguments: [false, true])
    func types(isBigEndian: Bool) {
        let values: [DBusValue] = [
            .byte(7), .boolean(true), .int16(-2), .uint16(65_535), .int32(-3), .uint32(1 << 31), .int64(-4), .uint64(1 << 63), .double(0.5),
            .string("caf\u{e9}"), .path("/org/bluez"), .signature("a{sv}"), .descriptor(0), .bytes([1, 2, 3]), .list([]),
            .list([.structure([.byte(1), .uint64(2)]), .structure([.byte(3), .uint64(4)])]),
            .entries([DBusEntry("RSSI", "n", .int16(-60)), DBusEntry("Data", "a{qv}", .entries([]))]),
        ]
        var message = DBusMessage(kind: .signal, serial: 9)
        message.isBigEndian = isBigEndian
        message.set("ybnqiuxtdsogh" + "ay" + "ax" + "a(yt)" + "a{sv}", values)
        #expect(message.values == values)
        #expect((try? DBusMessage.read(message.bytes[...]))??.message == message)
        for count in 0..<message.body.count {
            var cut = message
            cut.body = Array(message.body.prefix(count))
            #expect(cut.values == nil)
        }
    }

    @Test(
        "A body that is not what its signature says has no values, and nothing is made of its lengths.",
        arguments: [
            ("as", [0xFF, 0xFF, 0xFF, 0xFF]), ("ay", [4, 0, 0, 0, 1]), ("b", [2, 0, 0, 0]), ("v", [1, 0x7A, 0]), ("a", []),
            ("a{vs}", [0, 0, 0, 0]),
            ("()", []), ("{ss}", []), ("(s", []), ("v", [2, 0x79, 0x79, 0, 1, 1]), ("s", [1, 0, 0, 0, 0x61, 1]), ("z", [1]),
            (String(repeating: "a", count: 40) + "y", [0, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func malformed(signature: String, body: [UInt8]) {
        var message = DBusMessage(kind: .signal, serial: 1)
        (message.signature, message.body) = (signature, body)
        #expect(message.values == nil)
    }

    @Test(
        "A property of bytes that changed alone is read as it is among others, in both orders of bytes; anything else is left to the values.",
        arguments: [false, true])
    func changedBytes(isBigEndian: Bool) {
        func signal(_ changed: [DBusEntry], gone: [DBusValue] = [], of interface: String = "a.B1", as signature: String = "sa{sv}as")
            -> DBusMessage
        {
            var signal = DBusMessage(kind: .signal, serial: 1)
            (signal.isBigEndian, signal.member) = (isBigEndian, "PropertiesChanged")
            signal.set(signature, [.string(interface), .entries(changed), .list(gone)])
            return signal
        }
        func octets(_ signal: DBusMessage) -> [UInt8]? { signal.onlyOctets(of: "Value", in: "a.B1") }
        for count in 0...20 {
            let bytes = Array(repeating: UInt8(0x41), count: count)
            let value = signal([DBusEntry("Value", "ay", .bytes(bytes))])
            #expect(octets(value) == bytes)
            for count in 0..<value.body.count {
                var cut = value
                cut.body = Array(value.body.prefix(count))
                #expect(octets(cut) == nil)
            }
            var long = value
            long.body.append(0)
            #expect(octets(long) == nil)
        }
        let value = DBusEntry("Value", "ay", .bytes([1]))
        #expect(octets(signal([])) == nil)
        #expect(octets(signal([value, value])) == nil)
        #expect(octets(signal([DBusEntry("Value", "y", .byte(1))])) == nil)
        #expect(octets(signal([DBusEntry("Valse", "ay", .bytes([1]))])) == nil)
        #expect(octets(signal([value], gone: [.string("Value")])) == nil)
        #expect(octets(signal([value], of: "a.B2")) == nil)
        #expect(octets(signal([value], of: "a.B12")) == nil)
        var other = signal([value])
        other.member = "InterfacesAdded"
        #expect(octets(other) == nil)
    }

    @Test("A variant in a variant in a variant ends at a depth, and a message of ever more values at a number.")
    func bounds() {
        var message = DBusMessage(kind: .signal, serial: 1)
        message.signature = "v"
        message.body = (0..<200).flatMap { _ in [1, UInt8(ascii: "v"), 0] }
        #expect(message.values == nil)
        message.signature = "ag"
        let count = UInt32(600_000)
        message.body = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + [UInt8](repeating: 0, count: Int(count))
        #expect(message.values == nil)
    }

    @Test("Random bodies and signatures never crash and never read past the end.")
    func random() {
        var random = SplitMix(seed: 54)
        let letters = Array("ybnqiuxtdsoghva(){}".utf8)
        for _ in 0..<20_000 {
            var message = DBusMessage(kind: .signal, serial: 1)
            message.signature = String(
                decoding: (0..<(random.next() % 12)).map { _ in letters[Int(random.next() % UInt64(letters.count))] }, as: UTF8.self)
            message.body = (0..<(random.next() % 64)).map { _ in random.next() % 2 == 0 ? 0 : UInt8(truncatingIfNeeded: random.next() % 9) }
            guard let values = message.values else { continue }
            var again = message
            again.set(message.signature, values)
            #expect("\(again.values ?? [])" == "\(values)")
        }
    }
}

@Suite struct DBusConnectionTests {
    /// A connection with a bus that answers by hand.
    private struct Pair {
        var connection = DBusConnection<Int>(takesDescriptors: true)
        var passed: [Int32] = []
        var serial: UInt32 = 50

        mutating func say(_ text: String) throws { try connection.receive(Array(text.utf8).span.bytes, passed: &passed) }

        mutating func send(_ message: DBusMessage, descriptors: [Int32] = []) throws {
            passed += descriptors
            try connection.receive(message.bytes.span.bytes, passed: &passed)
        }

        mutating func answer(_ call: DBusMessage, _ kind: DBusMessage.Kind = .answer) -> DBusMessage {
            serial += 1
            var message = DBusMessage(kind: kind, serial: serial)
            message.answers = call.serial
            return message
        }

        mutating func calls() throws -> [DBusMessage] {
            var (bytes, found) = (connection.takeOutput()[...], [DBusMessage]())
            while let (message, count) = try DBusMessage.read(bytes) {
                found.append(message)
                bytes = bytes.dropFirst(count)
            }
            return found
        }

        /// What has happened since, in short.
        mutating func told() throws -> [String] {
            var found: [String] = []
            while let event = try connection.next(passed: &passed) {
                switch event {
                case .ready: found.append("ready")
                case .answer(let tag, let message): found.append("answer \(tag) \(message.descriptors)")
                case .failure(let tag, let failure): found.append("failure \(tag) \(failure.name)\(failure.text)")
                case .signal(let message): found.append("signal \(message.member)")
                }
            }
            return found
        }

        mutating func open() throws {
            _ = connection.takeOutput()
            try say("DATA\r\nOK 0123\r\n")
            #expect(connection.takeOutput() == Array("DATA\r\nNEGOTIATE_UNIX_FD\r\n".utf8))
            try say("AGREE_UNIX_FD\r\n")
            let output = connection.takeOutput()
            #expect(output.starts(with: Array("BEGIN\r\n".utf8)))
            let hello = try #require(try DBusMessage.read(output[7...])).message
            try send(answer(hello))
            #expect(try told() == ["ready"])
        }
    }

    private let call = DBusMessage(call: "M", of: "a.b", on: "/a", to: "a.b")

    @Test("Signals whose heads come again, or nearly, are read as each is by itself: more heads than are kept, in any order.")
    func headsAgain() throws {
        var pair = Pair()
        try pair.open()
        var sent: [DBusMessage] = []
        for round in 0..<3 {
            for number in 0..<40 {
                let place = round == 1 ? 39 - number : number
                var signal = DBusMessage(kind: .signal, serial: UInt32(100 * round + number + 1))
                (signal.path, signal.interface, signal.sender) = ("/a/b\(place)", "a.B", ":1.\(place % 3)")
                signal.member = String(repeating: "M", count: 1 + place % 9)
                signal.isBigEndian = place % 5 == 0
                signal.set("ay", [.bytes([UInt8(number), UInt8(round)])])
                sent.append(signal)
                // Two that are longer than what is kept.
                if place % 20 == 0 { sent[sent.count - 1].path = "/" + String(repeating: "p", count: 600 + place) }
            }
        }
        var found: [DBusMessage] = []
        for signal in sent {
            try pair.send(signal)
            while let event = try pair.connection.next(passed: &pair.passed) {
                if case .signal(let message) = event { found.append(message) }
            }
        }
        #expect(found == sent)
    }

    @Test("Calls made before the bus knows us leave when it does, and each gets its answer.")
    func early() throws {
        var pair = Pair()
        pair.connection.call(call, for: 1)
        pair.connection.call(call, for: 2)
        try pair.open()
        let calls = try pair.calls()
        #expect(calls.map(\.member) == ["M", "M"])
        try pair.send(pair.answer(calls[1]))
        try pair.send(pair.answer(calls[0], .error))
        #expect(try pair.told() == ["answer 2 []", "failure 1 "])
        // Twice is once.
        try pair.send(pair.answer(calls[1]))
        #expect(try pair.told() == [])
    }

    @Test("A call without an answer fails at its deadline, and an answer after it is nobody's: its descriptors too.")
    func late() throws {
        var pair = Pair()
        try pair.open()
        pair.connection.call(call, for: 1, until: Instant(nanoseconds: 5))
        pair.connection.call(call, for: 2, until: Instant(nanoseconds: 9))
        let calls = try pair.calls()
        #expect(pair.connection.deadline == Instant(nanoseconds: 5))
        pair.connection.deadlinePassed(at: Instant(nanoseconds: 6))
        #expect(try pair.told() == ["failure 1 no answer"])
        #expect(pair.connection.deadline == Instant(nanoseconds: 9))
        var answer = pair.answer(calls[0])
        answer.descriptorCount = 1
        try pair.send(answer, descriptors: [77])
        #expect(pair.passed == [])
        #expect(try pair.told() == [])
        #expect(pair.passed == [77])
        pair.connection.forget { $0 == 2 }
        #expect(pair.connection.deadline == .never)
    }

    @Test("Descriptors belong to the message that claims them, however the bytes come.")
    func descriptors() throws {
        var pair = Pair()
        try pair.open()
        pair.connection.call(call, for: 1)
        var answer = pair.answer(try pair.calls()[0])
        answer.descriptorCount = 1
        pair.passed = [5]
        let (first, second) = (Array(answer.bytes.prefix(20)), Array(answer.bytes.dropFirst(20)))
        try pair.connection.receive(first.span.bytes, passed: &pair.passed)
        #expect(pair.passed == [])
        #expect(try pair.told() == [])
        try pair.connection.receive(second.span.bytes, passed: &pair.passed)
        #expect(try pair.told() == ["answer 1 [5]"])
        // A message that claims what did not come ends the connection.
        var signal = DBusMessage(kind: .signal, serial: 4)
        signal.descriptorCount = 1
        try pair.send(signal)
        #expect(throws: DBusMessage.Malformed.self) { try pair.told() }
        // So do more than any message could claim.
        var other = Pair()
        try other.open()
        #expect(throws: DBusMessage.Malformed.self) { try other.send(signal, descriptors: Array(repeating: 3, count: 100)) }
        #expect(other.connection.takeHeld().count == 100)
    }

    @Test(
        "What is no bus ends the connection: other words, a line without end, a message of more than four MiB.",
        arguments: ["REJECTED\r\n", String(repeating: "x", count: 5000)])
    func strangers(text: String) throws {
        var pair = Pair()
        #expect(throws: DBusMessage.Malformed.self) { try pair.say(text) }
        var other = Pair()
        try other.open()
        var message = DBusMessage(kind: .signal, serial: 4)
        message.body = [UInt8](repeating: 0, count: 4 << 20 | 1)
        try other.send(message)
        #expect(throws: DBusMessage.Malformed.self) { try other.told() }
    }

    @Test("A call that was written before leaves with its own serial, and is answered.")
    func prepared() throws {
        var pair = Pair()
        try pair.open()
        var bytes = call.bytes
        pair.connection.call(prepared: &bytes, for: 1, until: .never)
        pair.connection.call(prepared: &bytes, for: 2, until: .never)
        let calls = try pair.calls()
        #expect(calls.map(\.member) == ["M", "M"])
        #expect(calls[0].serial != calls[1].serial)
        try pair.send(pair.answer(calls[1]))
        #expect(try pair.told() == ["answer 2 []"])
    }
}
