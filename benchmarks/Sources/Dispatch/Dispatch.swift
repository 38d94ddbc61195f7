// Runs one step of the dispatch path for a number of rounds, in this process and without sockets: `Dispatch STEP ROUNDS`.
// `Dispatch --list` prints each step's name and the number of messages per round. Counting is done from outside (`benchmarks/count`),
// from the end of preparation and warm-up to the end of the rounds. `Dispatch --catalogue` reads the catalogue of devices once and says how
// long that took.

import CCallgrind
import Hardware

@main
enum Dispatch {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "--catalogue" {
            let clock = ContinuousClock()
            let time = clock.measure { precondition(!SupportedModels.rows.isEmpty, "no models") }
            print("the built-in catalogue was read in \(time)")
            return
        }
        if arguments.first == "--list" {
            for step in Step.all { print(step.name, step.perRound) }
            return
        }
        guard arguments.count == 2, let rounds = arguments.last.flatMap({ Int($0) }), rounds > 0,
            let step = Step.all.first(where: { $0.name == arguments.first })
        else {
            fatalError("usage: Dispatch STEP ROUNDS | Dispatch --list")
        }
        let run = step.prepare()
        // After these rounds nothing grows any more.
        run(0..<Self.warmUp)
        callgrind_begin()
        run(Self.warmUp..<Self.warmUp + rounds)
        callgrind_end()
    }

    static let warmUp = 64
}
