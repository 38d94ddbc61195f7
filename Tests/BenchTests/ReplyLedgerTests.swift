// The ledger of requests: every answer finds its request once, with any number in flight and with any Id.

import Testing

@testable import Bench

struct ReplyLedgerTests {
    /// The Id that a frame would have.
    private func number(_ text: UInt64) -> UInt32? { ReplyReader.eightDigits(text) }

    @Test("Ids count up in decimal from the first, and each answer gives back when its request was due.")
    func counts() {
        var ledger = ReplyLedger(capacity: 2)
        var ids: [UInt32] = []
        for n in 0..<1_000 { ids.append(number(ledger.issue(due: UInt64(n + 1) * 8, expecting: .ok)) ?? 0) }
        #expect(ids == (0..<1_000).map { ReplyLedger.firstID + $0 })
        #expect(ledger.inFlight == 1_000)
        for n in (0..<1_000).reversed() { #expect(ledger.settle(ids[n], .ok) == .answered(due: UInt64(n + 1) * 8)) }
        #expect(ledger.inFlight == 0)
    }

    @Test(
        "A second answer is a duplicate, an answer without a request is unknown, and one of another kind is reported and ends its request.")
    func faults() {
        var ledger = ReplyLedger(capacity: 4)
        #expect(ledger.settle(ReplyLedger.firstID, .ok) == .unknown)
        for n in 0..<100 {
            let id = number(ledger.issue(due: 80, expecting: .ok)) ?? 0
            #expect(ledger.settle(id, .ok) == .answered(due: 80))
            #expect(ledger.settle(id, .ok) == .duplicated, "\(n)")
            #expect(ledger.settle(id + 1, .ok) == .unknown)
        }
        #expect(ledger.settle(ReplyLedger.firstID + 3, .ok) == .duplicated)
        #expect(ledger.settle(3, .ok) == .unknown)
        #expect(ledger.settle(.max, .ok) == .unknown)
        let list = number(ledger.issue(due: 160, expecting: .deviceList)) ?? 0
        #expect(ledger.settle(list, .ok) == .mismatched(due: 160))
        let failing = number(ledger.issue(due: 160, expecting: .deviceList)) ?? 0
        #expect(ledger.settle(failing, .error) == .answered(due: 160))
        #expect(ledger.inFlight == 0)
    }

    @Test("One request that is never answered does not hinder thousands of later requests.")
    func straggler() {
        var ledger = ReplyLedger(capacity: 2)
        let first = number(ledger.issue(due: 8, expecting: .ok)) ?? 0
        for n in 1...5_000 {
            let hasRoom = ledger.hasRoom
            #expect(hasRoom)
            let id = number(ledger.issue(due: 16, expecting: .reading)) ?? 0
            #expect(ledger.settle(id, .reading) == .answered(due: 16), "\(n)")
        }
        #expect(ledger.settle(first, .ok) == .answered(due: 8))
    }
}
