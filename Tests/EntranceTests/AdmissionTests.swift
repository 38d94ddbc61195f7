// Who is let in, as values: the order of the checks, tokens, the pause after failures, the queue of strangers. The time is virtual.

import Host
import Testing
import WebSocket

@testable import Entrance

/// A table of tokens for tests.
final class FakeTokens: TokenCheck {
    var answers: [String: TokenAnswer] = [:]
    private(set) var asked: [String] = []

    init(_ answers: [String: TokenAnswer] = [:]) { self.answers = answers }

    func answer(to secret: String, at now: Instant) -> TokenAnswer {
        asked.append(secret)
        return answers[secret] ?? .unknown
    }

    /// One valid, one expired, one with no session left.
    static var usual: FakeTokens {
        FakeTokens([
            "pb_good": .valid(name: "guest", identity: 7, expires: Instant(nanoseconds: 99)), "pb_old": .expired(name: "guest"),
            "pb_full": .inUse(name: "guest"), "word": .valid(name: "plain", identity: 8, expires: .never),
        ])
    }
}

@Suite final class AdmissionTests {
    private let tokens = FakeTokens.usual
    private var failures = FailureTable()

    private func decide(
        _ token: String?, from address: String, need: TokenNeed = .remote, origin: String? = nil, host: String = "localhost",
        at now: Instant = .zero
    ) -> String {
        var request = UpgradeRequest(path: "/", host: host, origin: origin, key: "")
        request.token = token.map { ShownToken($0) }
        let place = PeerLocality(socket: address, trusting: TrustedProxies())
        let gate = Gate(need: need, tokens: tokens)
        switch Admission.decide(request, from: place, at: nil, gate, &failures, at: now) {
        case .admitted(let token, _, _): return token ?? "in"
        case .refused(let refusal, let told): return "\(refusal.status)\(told == nil ? " silent" : "")"
        }
    }

    @Test(
        "Who needs a token follows from where the peer is and what the listener demands",
        arguments: [
            ("127.0.0.1", TokenNeed.never, "in"), ("127.0.0.1", .remote, "in"), ("127.0.0.1", .always, "401"), ("unix", .remote, "in"),
            ("unix", .always, "401"), ("10.0.0.7", .never, "in"), ("10.0.0.7", .remote, "401"), ("10.0.0.7", .always, "401"),
        ])
    func needs(address: String, need: TokenNeed, without: String) {
        #expect(decide(nil, from: address, need: need) == without)
        #expect(decide("pb_good", from: address, need: need) == "guest")
        #expect(decide("word", from: address, need: need) == "plain")
        // One of ours that does not count is an error even where none is needed: its owner believes to have its rights.
        #expect(decide("pb_bad", from: address, need: need) == "401")
        #expect(decide("pb_old", from: address, need: need) == "401")
        #expect(decide("pb_full", from: address, need: need) == "503")
        // A word that is none of ours is some other program's parameter.
        #expect(decide("other", from: address, need: need) == without)
    }

    @Test("A valid token admits any origin but no other host, and an origin replaces no token")
    func origins() {
        for address in ["127.0.0.1", "10.0.0.7"] {
            #expect(decide("pb_good", from: address, origin: "http://evil.example") == "guest")
            #expect(decide("pb_good", from: address, host: "evil.example") == "403")
            #expect(decide("pb_bad", from: address, host: "evil.example") == "403")
        }
        #expect(decide(nil, from: "127.0.0.1", origin: "http://evil.example") == "403")
        #expect(decide(nil, from: "10.0.0.7", origin: "http://localhost") == "401")
        #expect(decide("other", from: "127.0.0.1", origin: "http://evil.example") == "403")
    }

    @Test("Without anybody who knows tokens every one is unknown")
    func nobody() {
        var request = UpgradeRequest(path: "/", host: "localhost", key: "")
        request.token = ShownToken("word")
        let gate = Gate(need: .always, tokens: nil)
        let place = PeerLocality(socket: "127.0.0.1", trusting: TrustedProxies())
        guard case .refused(.token(.unknown), _) = Admission.decide(request, from: place, at: nil, gate, &failures, at: .zero) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("After ten failures a remote address gets 429 for a minute, its valid tokens too, and others are let in")
    func pausesRemote() {
        for _ in 0..<9 { #expect(decide("pb_bad", from: "10.0.0.7") == "401") }
        #expect(decide("pb_good", from: "10.0.0.7") == "guest")
        #expect(decide(nil, from: "10.0.0.7") == "401")
        let asked = tokens.asked.count
        for shown in ["pb_bad", "pb_good", nil] { #expect(decide(shown, from: "10.0.0.7") == "429 silent") }
        #expect(tokens.asked.count == asked)
        #expect(decide("pb_good", from: "10.0.0.8") == "guest")
        let end = Instant.zero + FailureTable.pause
        #expect(decide("pb_good", from: "10.0.0.7", at: Instant(nanoseconds: end.nanoseconds - 1)) == "429 silent")
        #expect(decide("pb_good", from: "10.0.0.7", at: end) == "guest")
    }

    @Test("Wrong tokens from this computer are answered 429 as well, and lock out no app of it")
    func sparesLocal() {
        for _ in 0..<10 { #expect(decide("pb_bad", from: "127.0.0.1", need: .always) == "401") }
        #expect(decide("pb_bad", from: "127.0.0.1", need: .always) == "429 silent")
        #expect(decide("pb_good", from: "127.0.0.1", need: .always) == "guest")
        #expect(decide(nil, from: "127.0.0.1") == "in")
    }

    @Test("A remote peer that needs no token and shows none is let in while its address is refused")
    func neverNeeded() {
        for _ in 0..<10 { #expect(decide("pb_bad", from: "10.0.0.7", need: .never) == "401") }
        #expect(decide("pb_good", from: "10.0.0.7", need: .never) == "429 silent")
        #expect(decide(nil, from: "10.0.0.7", need: .never) == "in")
    }
}

@Suite struct FailureTableTests {
    private func second(_ n: UInt64) -> Instant { Instant(nanoseconds: n * 1_000_000_000) }

    @Test("Ten failures within a minute begin the pause, at any beginning of the minute; nine in each minute never do")
    func window() {
        var table = FailureTable()
        let slow = AddressGroup("10.0.0.1")
        for n in 0..<100 {
            let begins = table.failed(slow, at: second(UInt64(n) * 7))
            #expect(!begins)
        }
        #expect(table.refusal(of: slow, at: second(700)) == nil)
        let late = AddressGroup("10.0.0.2")
        let begins = ([0, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64] as [UInt64]).map { table.failed(late, at: second($0)) }
        #expect(begins == [Bool](repeating: false, count: 10) + [true])
        #expect(table.refusal(of: late, at: second(123)) == second(124))
        #expect(table.refusal(of: late, at: second(124)) == nil)
    }

    @Test("Failures during the pause do not make it longer, and afterwards ten more are needed")
    func pauseEnds() {
        var table = FailureTable()
        let group = AddressGroup("10.0.0.1")
        let tenth = [Bool](repeating: false, count: 9) + [true]
        let first = (0..<10).map { _ in table.failed(group, at: .zero) }
        #expect(first == tenth)
        let during = (1..<60).map { table.failed(group, at: second($0)) }
        #expect(!during.contains(true))
        #expect(table.refusal(of: group, at: second(59)) == second(60))
        let after = (0..<10).map { _ in table.failed(group, at: second(60)) }
        #expect(after == tenth)
    }

    @Test("The table forgets the address that was quiet for longest, and never grows beyond its limit")
    func bounded() {
        var table = FailureTable(entriesMax: 100)
        let kept = AddressGroup("192.168.0.1")
        var begins: [Int] = []
        for n in 0..<10_000 {
            _ = table.failed(AddressGroup("10.0.\(n >> 8 & 255).\(n & 255)"), at: .zero)
            if n % 50 == 0, table.failed(kept, at: .zero) { begins.append(n / 50) }
        }
        #expect(begins == [9])
        #expect(table.count == 100)
        #expect(table.refusal(of: kept, at: .zero) != nil)
        for n in 0..<100 { _ = table.failed(AddressGroup("10.9.0.\(n)"), at: .zero) }
        #expect(table.refusal(of: kept, at: .zero) == nil)
    }
}

@Suite struct StrangerQueueTests {
    @Test("The queue has the order in which they came, with any of them taken out, as an array would")
    func order() {
        var random = SplitMix(seed: 5)
        var queue = StrangerQueue()
        var model: [Int32] = []
        for _ in 0..<20_000 {
            let index = Int32(random.next() % 40)
            if random.next() % 2 == 0 {
                queue.add(index)
                if !model.contains(index) { model.append(index) }
            } else {
                queue.remove(index)
                model.removeAll { $0 == index }
            }
            #expect(queue.oldest == model.first)
            #expect(queue.count == model.count)
        }
        while let oldest = queue.oldest {
            #expect(oldest == model.removeFirst())
            queue.remove(oldest)
        }
        #expect(model.isEmpty)
        queue.remove(-1)
        queue.remove(4_000)
        #expect(queue.count == 0)
    }
}
