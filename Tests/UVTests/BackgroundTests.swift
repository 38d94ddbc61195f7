// Work on other threads: a worker that ends when idle and starts again, and posts to a loop that has closed.
// Must not wait for time.

import LibC
import Synchronization
import Testing

@testable import UV

/// Numbers that a worker takes one by one.
private final class Numbers: @unchecked Sendable {
    private(set) var taken: [Int] = []
    private var waiting: [Int] = []
    private let gate = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private lazy var worker: BackgroundWorker = BackgroundWorker { [weak self] in
        guard let self, !waiting.isEmpty else { return .rest(until: .max) }
        let number = waiting.removeFirst()
        return .run {
            if number < 0 { sem_wait(self.gate) }
            self.worker.look { self.taken.append(number) }
        }
    }

    init() {
        sem_init(gate, 0, 0)
        _ = worker
    }

    deinit { gate.deallocate() }

    func add(_ number: Int) { worker.change { waiting.append(number) } }
    func open() { sem_post(gate) }
    func finish(_ milliseconds: UInt64 = 10_000) -> Bool { worker.finish(withinNanoseconds: milliseconds * 1_000_000) { waiting.isEmpty } }
}

@Suite struct BackgroundTests {
    @Test("A worker carries out its work in order, and takes more after it was told to finish.")
    func worksInOrder() {
        let numbers = Numbers()
        for number in 0..<1_000 { numbers.add(number) }
        #expect(numbers.finish())
        #expect(numbers.taken == Array(0..<1_000))
        numbers.add(7)
        #expect(numbers.finish())
        #expect(numbers.taken.last == 7)
    }

    @Test("Work that comes at the moment when an idle thread ends is carried out, without another call.")
    func losesNoWakeUp() {
        var count = 0
        // A step runs without the worker's lock.
        let done = Atomic(0)
        let worker = BackgroundWorker(lingerNanoseconds: 20_000) {
            count > done.load(ordering: .relaxed) ? .run { done.add(1, ordering: .relaxed) } : .rest(until: .max)
        }
        for turn in 0..<20_000 {
            worker.change { count += 1 }
            let end = MonotonicClock.nanoseconds + 10_000_000_000
            while worker.look({ done.load(ordering: .relaxed) < count }), MonotonicClock.nanoseconds < end { sched_yield() }
            guard worker.look({ done.load(ordering: .relaxed) == count }) else {
                Issue.record("turn \(turn): what was left to the worker is not carried out")
                return
            }
            // Around the time at which the thread ends.
            let pause = MonotonicClock.nanoseconds + 15_000 + UInt64(turn % 10) * 1_000
            while MonotonicClock.nanoseconds < pause {}
        }
    }

    @Test("While a step hangs, more work can be added, and the end waits for the step no longer than its limit.")
    func hangsAlone() {
        let numbers = Numbers()
        numbers.add(-1)
        numbers.add(2)
        #expect(!numbers.finish(5))
        numbers.add(3)
        numbers.open()
        #expect(numbers.finish())
        #expect(numbers.taken == [-1, 2, 3])
    }

    @Test("Work that is posted to a loop that has closed is dropped.")
    func postsToAClosedLoop() throws {
        let loop = try Loop()
        loop.close()
        loop.post { Issue.record("the loop is closed") }
    }
}
