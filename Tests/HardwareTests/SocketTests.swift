// Programs that dial in, without sockets: their first message, their end, and the newer one that takes the place of an older one.

import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

@Suite struct SocketTests {
    private static func core() -> SocketsCore { SocketsCore([SocketDevice("Stroker", protocolName: "tcode-v03", model: "L0,V0")]) }

    private static func say(_ text: String, on wire: UInt32, _ core: inout SocketsCore, _ out: inout TransportEffects) {
        Array(text.utf8).withUnsafeBytes { core.receivedText($0.bytes, from: WireID(wire), at: .zero, into: &out) }
    }

    private static let right = #"{"identifier": "Stroker", "address": "1", "version": 0}"#

    @Test("A first message that says who it is makes a candidate")
    func greets() {
        var core = Self.core()
        var out = TransportEffects()
        core.wireOpened(WireID(1), at: .zero, into: &out)
        Self.say(Self.right, on: 1, &core, &out)
        #expect(out.events == [.found(Candidate(address: "Stroker:1", name: "Stroker"))])
        core.connect(Candidate(address: "Stroker:1"), as: 4, at: .zero, into: &out)
        #expect(out.events.last == .ready(4, [.tx, .rx]))
    }

    @Test(
        "A first message that does not say so is refused",
        arguments: [
            "", "[]", "{", "5", "null", #"{"identifier": "Stroker"}"#, #"{"address": "1"}"#, #"{"identifier": 5, "address": "1"}"#,
            #"{"identifier": "", "address": "1"}"#, #"{"identifier": "Stroker", "address": ""}"#,
            #"{"identifier": "Str\u0000oker", "address": "1"}"#, #"{"identifier": "Stroker", "address": "a\nb"}"#,
            #"{"identifier": "Stroker", "address": "\#(String(repeating: "x", count: 257))"}"#,
            right + String(repeating: " ", count: 4_096),
        ])
    func refuses(_ text: String) {
        var core = Self.core()
        var out = TransportEffects()
        core.wireOpened(WireID(1), at: .zero, into: &out)
        Self.say(text, on: 1, &core, &out)
        #expect(out.events.allSatisfy { if case .notice = $0 { true } else { false } })
        #expect(out.refusals.map(\.reason) == [.policyViolation])
    }

    @Test("Bytes before the first message, silence and an unknown name are refused too; the name is told once")
    func otherRefusals() {
        var core = Self.core()
        var out = TransportEffects()
        for wire in 1...4 { core.wireOpened(WireID(UInt32(wire)), at: .zero, into: &out) }
        [UInt8]("x".utf8).withUnsafeBytes { core.received($0.bytes, from: WireID(1), at: .zero, into: &out) }
        for wire in 2...3 { Self.say(#"{"identifier": "Nobody", "address": "1"}"#, on: UInt32(wire), &core, &out) }
        let first = core.deadline
        #expect(first == .zero + .seconds(5))
        core.deadlinePassed(at: .zero + .seconds(5), into: &out)
        #expect(out.refusals.map(\.reason) == [.policyViolation, .notAdmitted, .notAdmitted, .handshakeTimeout])
        #expect(out.events.count == 3)
        let last = core.deadline
        #expect(last == .never)
    }

    @Test("Of two with one identity the newer takes the place of the older")
    func replaces() {
        var core = Self.core()
        var out = TransportEffects()
        core.wireOpened(WireID(1), at: .zero, into: &out)
        Self.say(Self.right, on: 1, &core, &out)
        core.connect(Candidate(address: "Stroker:1"), as: 0, at: .zero, into: &out)
        core.wireOpened(WireID(2), at: .zero, into: &out)
        out.forgetEvents()
        Self.say(Self.right, on: 2, &core, &out)
        #expect(
            out.events == [
                .lost(0, .replaced), .forgotten(address: "Stroker:1"), .found(Candidate(address: "Stroker:1", name: "Stroker")),
            ])
        #expect(out.refusals.map(\.wire) == [WireID(1)])
        core.wireClosed(WireID(1), .ended, at: .zero, into: &out)
        #expect(out.events.count == 3)
    }

    @Test("Thousands of wrong beginnings are refused, and none makes a device")
    func noise() {
        var numbers = SplitMix(seed: 71)
        let pieces = [
            "{", "}", "\"identifier\"", ":", "\"Stroker\"", ",", "\"address\"", "\"1\"", "[", "]", "5", "null", "\\u0000", "\"", "\u{202E}",
            " ",
        ]
        var core = Self.core()
        var out = TransportEffects()
        for wire in 1...20_000 as ClosedRange<UInt32> {
            core.wireOpened(WireID(wire), at: .zero, into: &out)
            let text = (0..<numbers.next() % 12).map { _ in pieces[Int(numbers.next() % UInt64(pieces.count))] }.joined()
            Self.say(text, on: wire, &core, &out)
            core.wireClosed(WireID(wire), .ended, at: .zero, into: &out)
        }
        #expect(!out.events.contains { if case .ready = $0 { true } else { false } })
        let hasRoom = core.hasRoom
        #expect(hasRoom)
    }
}
