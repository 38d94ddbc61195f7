// The fold as tables: contributions in, value out (`arbitration.md` §3, §4).

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct FoldTests {
    struct Row: CustomTestStringConvertible {
        var name: String
        var type = OutputType.vibrate
        var mix = Mix.highest
        var present = Wanted.rest
        var incumbent: UInt32?
        var limit: Int32 = 100
        /// (session, priority, scaled value, changed)
        var contributions: [(UInt32, UInt8, Int32, UInt64)]
        var expected: Int32
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "nobody", contributions: [], expected: 0),
        Row(name: "the strongest", contributions: [(0, 100, 40, 1), (1, 100, 70, 2)], expected: 70),
        Row(name: "priority before strength", contributions: [(0, 100, 90, 1), (1, 150, 20, 2)], expected: 20),
        Row(name: "latest takes what changed last", mix: .latest, contributions: [(0, 100, 90, 9), (1, 100, 20, 3)], expected: 90),
        Row(name: "sum is clamped to the range", mix: .sum, contributions: [(0, 100, 60, 1), (1, 100, 70, 2)], expected: 100),
        Row(name: "sum is clamped to the ceiling", mix: .sum, limit: 70, contributions: [(0, 100, 60, 1), (1, 100, 70, 2)], expected: 70),
        Row(name: "average rounds down", mix: .average, contributions: [(0, 100, 100, 1), (1, 100, 21, 2)], expected: 60),
        Row(name: "average counts top priority only", mix: .average, contributions: [(0, 50, 100, 1), (1, 100, 20, 2)], expected: 20),
        Row(name: "exclusive: the older session", mix: .exclusive, contributions: [(3, 100, 10, 9), (1, 100, 80, 2)], expected: 80),
        Row(
            name: "exclusive: the incumbent", mix: .exclusive, incumbent: 3, contributions: [(3, 100, 10, 9), (1, 100, 80, 2)],
            expected: 10),
        Row(
            name: "rotation keeps its direction within a tenth", type: .rotate, present: Wanted(type: .rotate, value: 50), incumbent: 0,
            contributions: [(0, 100, 50, 1), (1, 100, -60, 2)], expected: 50),
        Row(
            name: "rotation turns for more than a tenth", type: .rotate, present: Wanted(type: .rotate, value: 50), incumbent: 0,
            contributions: [(0, 100, 50, 1), (1, 100, -61, 2)], expected: -61),
        Row(
            name: "rotation turns when the other direction is alone", type: .rotate, present: Wanted(type: .rotate, value: 50),
            contributions: [(1, 100, -5, 2)], expected: -5),
        Row(
            name: "without a direction the stronger turns it", type: .rotate, contributions: [(0, 100, 30, 1), (1, 100, -50, 2)],
            expected: -50),
        Row(
            name: "without a direction a tie goes to the older", type: .rotate, contributions: [(2, 100, -50, 1), (1, 100, 50, 2)],
            expected: 50),
        Row(name: "the ceiling keeps the sign", type: .rotate, limit: 40, contributions: [(0, 100, -80, 1)], expected: -40),
    ]

    @Test("A lane's value is the fold of its contributions", arguments: rows)
    func value(_ row: Row) {
        var all = Slab<Contribution>(capacity: 4)
        for (session, priority, scaled, changed) in row.contributions {
            all.append(
                Contribution(
                    session: session, seniority: UInt64(session), type: row.type, priority: priority, value: scaled, scaled: scaled,
                    changeSerial: changed, serial: changed))
        }
        let context = FoldContext(before: row.present, incumbent: row.incumbent)
        let folded = Fold.result(all, context, MixRule(mix: row.mix, steps: 100, ceiling: row.limit))
        #expect(folded.wanted.value == row.expected)
        #expect((folded.winner >= 0) == (row.expected != 0))
    }

    @Test("The present type stays while a peer has it; else the last change decides")
    func typeOfTheLane() {
        var all = Slab<Contribution>(capacity: 4)
        func add(_ session: UInt32, _ type: OutputType, _ changed: UInt64, into all: inout Slab<Contribution>) {
            all.append(
                Contribution(
                    session: session, seniority: UInt64(session), type: type, priority: 100, value: 10, scaled: 10, changeSerial: changed,
                    serial: changed))
        }
        add(0, .vibrate, 1, into: &all)
        add(1, .rotate, 2, into: &all)
        let present = Fold.result(all, FoldContext(before: Wanted(type: .vibrate, value: 10)), .highestOfHundred)
        #expect(present.wanted.type == .vibrate)
        let last = Fold.result(all, FoldContext(before: .rest), .highestOfHundred)
        #expect(last.wanted.type == .rotate)
    }

    @Test("The plain maximum gives the result of the whole fold, or says that it does not apply")
    func plainMaximum() {
        var random = SeededNumbers(seed: 7)
        var found = 0
        for _ in 0..<20_000 {
            var all = Slab<Contribution>(capacity: 4)
            // Few values, so that priorities, types and magnitudes are often equal.
            for session in UInt32(0)..<UInt32.random(in: 1...6, using: &random) {
                let number = UInt64.random(in: 1...1_000, using: &random)
                all.append(
                    Contribution(
                        session: session, seniority: UInt64.random(in: 0...1_000, using: &random),
                        type: Bool.random(using: &random) ? .vibrate : .oscillate, priority: UInt8.random(in: 99...101, using: &random),
                        value: 1, scaled: Int32.random(in: 1...3, using: &random), changeSerial: number, serial: number))
            }
            let incumbent: UInt32? = Bool.random(using: &random) ? UInt32.random(in: 0..<6, using: &random) : nil
            let context = FoldContext(before: Wanted(type: .vibrate, value: 2), incumbent: incumbent)
            let whole = Fold.result(all, context, .highestOfHundred)
            let plain = Fold.plainMaximum(all, of: .vibrate, incumbent)
            #expect(plain == (whole.wanted.type == .vibrate ? whole.winner : -1))
            if plain >= 0 { found += 1 }
        }
        #expect(found > 5_000)
    }

    @Test("Fractions are exact: 0.07 of 100 is 7, gain rounds up, a cap rounds down")
    func fractions() {
        #expect(Fraction(0.07).ceil(of: 100) == 7)
        #expect(Fraction(0.29).floor(of: 100) == 29)
        #expect(Fraction(0.5).ceil(of: 75) == 38)
        #expect(Fraction(0.1).floor(of: 5) == 0)
        #expect(Fraction(0.001).ceil(of: 1) == 1)
    }
}

extension Fold {
    /// Both steps of the fold, with one rule for every type.
    fileprivate static func result(_ all: borrowing Slab<Contribution>, _ context: FoldContext, _ rule: MixRule) -> Folded {
        all.isEmpty ? Folded(wanted: .rest, winner: -1) : evaluate(all, choice(of: all, context), rule, context)
    }
}

extension MixRule {
    fileprivate static let highestOfHundred = MixRule(mix: .highest, steps: 100, ceiling: 100)
}
