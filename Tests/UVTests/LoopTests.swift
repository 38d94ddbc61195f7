// The loop: turns, posted work, its executor, its end.
// Must not use sockets.

import LibC
import Testing
import UV

/// An actor that runs on a loop.
actor Resident {
    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var steps: [String] = []

    init(_ loop: Loop) { self.loop = loop }

    func step(_ name: String) { steps.append(name) }

    /// Takes three steps, each in a task that the step before started, and then puts its results on `done`. Nothing awaits, because
    /// a resumption may use the shared threads, which other tests block.
    func begin(_ done: Shared<[String]?>) {
        Task {
            step(loop.isCurrent ? "first" : "elsewhere")
            Task {
                step(loop.isCurrent ? "second" : "elsewhere")
                Task { done.value = steps + ["third"] }
            }
        }
    }
}

/// Counts the ends of turns.
final class TurnCounter: LoopTurnOwner {
    var turns = 0
    var atTurn: (() -> Void)?
    func loopTurnEnded() {
        turns += 1
        atTurn?()
    }
}

/// A box that several threads share; the loop's order of events makes it safe.
final class Shared<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}

@Suite struct LoopTests {
    @Test("A loop that is closed at once leaves no handle and no descriptor open.")
    func closesClean() throws {
        let loop = try Loop()
        #expect(loop.liveHandles == 0)
        loop.close()
        loop.close()
        #expect(loop.liveHandles == 0)
    }

    @Test("Work posted from other threads runs on the loop's thread, in the order each thread posted it, none lost.")
    func postedWorkRunsInOrder() throws {
        try withLoop { loop in
            let seen = Shared<[[Int]]>([[], []])
            let each = 1_000
            let threads = [0, 1].map { thread in
                Thread { for number in 0..<each { loop.post { seen.value[thread].append(number) } } }
            }
            try run(loop, until: { seen.value.allSatisfy { $0.count == each } })
            #expect(seen.value[0] == Array(0..<each))
            #expect(seen.value[1] == Array(0..<each))
            for thread in threads { thread.join() }
        }
    }

    @Test("An actor can live on the loop: its jobs run there, in order, and `assumeIsolated` agrees.")
    func anActorLivesOnTheLoop() throws {
        try withLoop { loop in
            let resident = Resident(loop)
            let steps = Shared<[String]?>(nil)
            loop.post { resident.assumeIsolated { $0.begin(steps) } }
            try run(loop, until: { steps.value != nil })
            #expect(steps.value == ["first", "second", "third"])
            #expect(!loop.isCurrent)
        }
    }

    @Test("Jobs that come from the loop's own thread run before the turn ends.")
    func ownJobsRunInTheSameTurn() throws {
        try withLoop { loop in
            let counter = TurnCounter()
            loop.endTurns(with: counter)
            let resident = Resident(loop)
            let steps = Shared<[String]?>(nil)
            var done: [Bool] = []
            counter.atTurn = { done.append(steps.value != nil) }
            loop.post { resident.assumeIsolated { $0.begin(steps) } }
            loop.runOnce(waiting: true)
            #expect(done == [true])
            loop.endTurns(with: nil)
        }
    }

    @Test("A turn ends once, after the posted work of the turn; `keepAwake` makes the next poll return without an event.")
    func turnsEnd() throws {
        try withLoop { loop in
            let counter = TurnCounter()
            loop.endTurns(with: counter)
            var order: [String] = []
            counter.atTurn = { order.append("turn") }
            let events = Shared<[String]>([])
            loop.post { events.value.append("work") }
            loop.runOnce(waiting: true)
            #expect(events.value == ["work"])
            #expect(order == ["turn"])
            loop.keepAwake()
            loop.runOnce(waiting: true)
            #expect(counter.turns == 2)
            loop.endTurns(with: nil)
        }
    }

    @Test("`stop` ends `run`, and the loop can run again.")
    func stops() throws {
        try withLoop { loop in
            for _ in 0..<2 {
                loop.post { loop.stop() }
                loop.run()
            }
            let ended = TurnCounter()
            loop.endTurns(with: ended)
            loop.post { loop.stop() }
            loop.run()
            #expect(ended.turns == 1)
            loop.endTurns(with: nil)
        }
    }

    @Test("A broken pipe is an error of the write and does not end the process.")
    func ignoresSIGPIPE() throws {
        try withLoop { _ in
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0)
            close(ends[0])
            var byte: UInt8 = 1
            #expect(write(ends[1], &byte, 1) == -1)
            #expect(errno == EPIPE)
            close(ends[1])
        }
    }
}

@Suite struct TimerTests {
    @Test("A timer fires once, not before its time on the loop's clock, and moving it moves the call.")
    func firesOnceInTime() throws {
        try withLoop { loop in
            loop.runOnce()
            let start = loop.now
            var fired: [UInt64] = []
            let timer = try Timer(on: loop) { fired.append(loop.now) }
            timer.start(afterMilliseconds: 60_000)
            timer.start(afterMilliseconds: 20)
            try run(loop, until: { !fired.isEmpty })
            #expect(fired.count == 1)
            #expect(fired[0] >= start + 20)
            timer.close()
        }
    }

    @Test("A stopped or closed timer never fires, and may be closed again.")
    func stoppedNeverFires() throws {
        try withLoop { loop in
            var fired = 0
            let stopped = try Timer(on: loop) { fired += 1 }
            stopped.start(afterMilliseconds: 0)
            stopped.stop()
            let closed = try Timer(on: loop) { fired += 1 }
            closed.start(afterMilliseconds: 0)
            closed.close()
            closed.close()
            closed.start(afterMilliseconds: 0)
            loop.runOnce()
            loop.runOnce()
            #expect(fired == 0)
            #expect(loop.liveHandles == 1)
            stopped.close()
        }
    }

    @Test("An open handle keeps its object alive; closing frees it with the close callback.")
    func anOpenHandleIsKept() throws {
        try withLoop { loop in
            weak var seen: UV.Timer?
            do {
                let timer = try Timer(on: loop) {}
                seen = timer
            }
            #expect(seen != nil)
            #expect(loop.liveHandles == 1)
            seen?.close()
            loop.runOnce()
            #expect(seen == nil)
        }
    }
}

@Suite struct SignalTests {
    @Test("A watched signal arrives on the loop instead of having its usual effect.")
    func arrives() throws {
        try withLoop { loop in
            var arrived = 0
            let watcher = try SignalWatcher(on: loop, number: SIGURG) { arrived += 1 }
            kill(getpid(), SIGURG)
            try run(loop, until: { arrived > 0 })
            watcher.close()
        }
    }

    @Test("A signal that cannot be watched is a typed error and leaves no handle.")
    func refusesKill() throws {
        try withLoop { loop in
            #expect(throws: UVError.self) { try SignalWatcher(on: loop, number: SIGKILL) {} }
        }
    }
}
