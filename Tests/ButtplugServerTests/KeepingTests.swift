// What is written to files: a bounded queue of lines, and the state, of which the newest wins.
// Must not know files.

import ButtplugServer
import Host
import Router
import Testing

@Suite struct LineQueueTests {
    private func append(_ text: String, to queue: inout LineQueue) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { queue.append($0) }
    }

    @Test("Lines come out whole and in order; after them one line counts those that did not fit.")
    func bounds() {
        var queue = LineQueue(bytesMax: 12)
        #expect(append("one\n", to: &queue) && append("two\n", to: &queue))
        #expect(!append("three\nfour\n", to: &queue))
        #expect(append("six\n", to: &queue))
        #expect(queue.count == 12 && queue.dropped == 2)
        let batch = queue.take()
        #expect(batch.map { String(decoding: $0.bytes, as: UTF8.self) } == "one\ntwo\nsix\n")
        #expect(batch?.dropped == 2)
        #expect(queue.isEmpty && queue.take() == nil && queue.count == 0)
    }

    @Test("A long queue comes out in pieces, and the last piece says how many lines are missing.")
    func pieces() {
        var queue = LineQueue(bytesMax: 200_000)
        let line = String(repeating: "x", count: 999) + "\n"
        for _ in 0..<250 { _ = append(line, to: &queue) }
        #expect(queue.dropped == 50)
        var sizes: [Int] = []
        var dropped: [UInt64] = []
        while let batch = queue.take() {
            sizes.append(batch.bytes.count)
            dropped.append(batch.dropped)
        }
        #expect(sizes.reduce(0, +) == 200_000)
        #expect(sizes.allSatisfy { $0 <= 65_536 && $0 % 1_000 == 0 })
        #expect(dropped.last == 50 && dropped.dropLast().allSatisfy { $0 == 0 })
    }
}

@Suite struct StateKeepingTests {
    private func state(_ devices: Int, isStopped: Bool = false) -> RouterState {
        var state = RouterState()
        for number in 0..<devices { _ = state.indices.assign("test:\(number)") }
        state.isStopped = isStopped
        return state
    }

    private func at(_ seconds: Int64) -> Instant { .zero + .seconds(seconds) }

    @Test("One state is written at a time; of the states that come meanwhile the newest is next.")
    func newest() {
        var keeping = StateKeeping()
        #expect(keeping.isSettled && keeping.begin(at: at(0)) == nil)
        keeping.offer(state(1))
        #expect(keeping.begin(at: at(0)) == state(1))
        keeping.offer(state(2))
        keeping.offer(state(3))
        #expect(keeping.begin(at: at(1)) == nil)
        #expect(!keeping.isSettled)
        #expect(keeping.ended(nil, at: at(2)) == .kept(state(1)))
        #expect(keeping.begin(at: at(2)) == state(3))
        #expect(keeping.ended(nil, at: at(2)) == .kept(state(3)))
        #expect(keeping.isSettled && keeping.deadline == .never)
    }

    @Test("What the disk refuses is tried again at longer and longer intervals and reported once; a newer state is tried at once.")
    func refused() {
        var keeping = StateKeeping()
        keeping.offer(state(1))
        var seconds: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<9 {
            #expect(keeping.begin(at: at(now)) == state(1))
            let outcome = keeping.ended("full", at: at(now))
            #expect(outcome == .refused(state(1), "full", isNew: seconds.isEmpty))
            #expect(keeping.begin(at: at(now)) == nil)
            let next = keeping.deadline.nanoseconds / 1_000_000_000
            seconds.append(Int64(next) - now)
            now = Int64(next)
        }
        #expect(seconds == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        keeping.offer(state(2))
        #expect(keeping.begin(at: at(now - 59)) == state(2))
        #expect(keeping.ended(nil, at: at(now - 59)) == .keptAgain(state(2)))
    }

    @Test("An emergency stop that cannot be kept is reported, also when the reason was reported before.")
    func stop() {
        var keeping = StateKeeping()
        keeping.offer(state(1))
        _ = keeping.begin(at: at(0))
        #expect(keeping.ended("full", at: at(0)) == .refused(state(1), "full", isNew: true))
        for isNew in [true, false] {
            keeping.offer(state(1, isStopped: true))
            _ = keeping.begin(at: at(1))
            #expect(keeping.ended("full", at: at(1)) == .refused(state(1, isStopped: true), "full", isNew: isNew))
        }
    }
}
