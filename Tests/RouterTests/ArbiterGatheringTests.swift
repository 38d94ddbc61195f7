// Devices that get the writes of all their lanes together, in an arbiter alone.

import Testing

@testable import Router

@Suite struct ArbiterGatheringTests {
    @Test("A device that gathers writes gets those of all its lanes in one turn, and the gap counts from there")
    func gathersWrites() {
        var bench = ArbiterPacingTests.Bench(ArbiterPacingTests.motors(3), gap: 100, gathers: true)
        bench.command(0, 0, .vibrate, 10, id: 1)
        bench.command(0, 1, .vibrate, 20, id: 2)
        bench.command(0, 2, .vibrate, 30, id: 3)
        #expect(bench.written == ["0.vibrate=10"])
        bench.advance(by: 99)
        bench.command(0, 1, .vibrate, 21, id: 4)
        #expect(bench.written == ["0.vibrate=10"])
        bench.advance(by: 1)
        #expect(bench.written == ["0.vibrate=10", "1.vibrate=21", "2.vibrate=30"])
        bench.command(0, 0, .vibrate, 11, id: 5)
        bench.advance(by: 99)
        #expect(bench.written.count == 3)
        bench.advance(by: 1)
        #expect(bench.written.last == "0.vibrate=11")
        #expect(bench.settled.sorted() == [1, 2, 3, 4, 5])
    }

    @Test("A zero to a device that gathers writes waits for no gap")
    func zerosBeforeTheGap() {
        var bench = ArbiterPacingTests.Bench(ArbiterPacingTests.motors(2), gap: 100, gathers: true)
        bench.command(0, 0, .vibrate, 10, id: 1)
        bench.command(0, 0, .vibrate, 0, id: 2)
        #expect(bench.written == ["0.vibrate=10", "0.vibrate=0"])
    }

    @Test("What is wanted while a device that gathers writes has not answered is written with the answer, at its newest")
    func newestWithTheAnswer() {
        var bench = ArbiterPacingTests.Bench(ArbiterPacingTests.motors(2), gap: 100, gathers: true)
        bench.lags = true
        bench.command(0, 0, .vibrate, 70, id: 1)
        bench.advance(by: 350)
        bench.command(0, 1, .vibrate, 20, id: 2)
        bench.command(0, 0, .vibrate, 50, id: 3)
        #expect(bench.written == ["0.vibrate=70"])
        bench.advance(by: 22)
        bench.answer(bench.tickets[0], true)
        bench.finishTurn()
        #expect(bench.written == ["0.vibrate=70", "0.vibrate=50", "1.vibrate=20"])
    }

    @Test("A zero to a device that gathers writes waits for no answer, and what else is wanted is written when it has its own")
    func zerosBeforeTheAnswer() {
        var bench = ArbiterPacingTests.Bench(ArbiterPacingTests.motors(3), gap: 100, gathers: true)
        bench.lags = true
        bench.command(0, 0, .vibrate, 70, id: 1)
        bench.command(0, 0, .vibrate, 0, id: 2)
        #expect(bench.written == ["0.vibrate=70", "0.vibrate=0"])
        bench.advance(by: 350)
        bench.command(0, 1, .vibrate, 20, id: 3)
        bench.answer(bench.tickets[0], true)
        bench.finishTurn()
        #expect(bench.written.count == 2)
        bench.answer(bench.tickets[1], true)
        bench.finishTurn()
        // A zero that overtook a value is written once more; what waited goes with it.
        #expect(bench.written == ["0.vibrate=70", "0.vibrate=0", "0.vibrate=0", "1.vibrate=20"])
    }

    @Test("A device that gathers writes and answers nothing gets what is wanted of its others when the write is given up")
    func noAnswer() {
        var bench = ArbiterPacingTests.Bench(ArbiterPacingTests.motors(2), gap: 100, gathers: true)
        bench.lags = true
        bench.command(0, 0, .vibrate, 70, id: 1)
        bench.command(0, 1, .vibrate, 20, id: 2)
        #expect(bench.written == ["0.vibrate=70"])
        bench.advance(by: 20_000)
        #expect(bench.written.contains("1.vibrate=20"))
    }
}
