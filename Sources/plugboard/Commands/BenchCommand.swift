// `plugboard bench`: puts load on a Buttplug server and tells how it copes.
// Must not know how a run is made; that is the library `Bench`.

import ArgumentParser
import Bench
import Foundation

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Puts load on a Buttplug server, any, and measures it.",
        discussion: """
            Messages go out on a schedule (open loop), and latency counts from when a message was due, so that a stall is not hidden. \
            Every answer is matched to its request. Exit status 0 when every message got its one right answer, 1 when not or when a \
            --fail-if holds, 69 when there was nothing to measure, 130 after Ctrl-C, which prints what was measured so far.

            Profiles:
            \(Profile.allCases.map { "  \($0.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0))\($0.summary)" }.joined(separator: "\n"))

            Examples:
              plugboard bench                                      busy clients on ws://127.0.0.1:12345
              plugboard bench --rate 20000 --duration 30s          64 clients, 20,000 messages a second
              plugboard bench --closed --in-flight 16 --pid 4711   as much as the server can do, and what it costs
              plugboard bench ws://127.0.0.1:12346 --clients 1     a server that takes one client
              plugboard bench --profile stop --journal writes.jsonl
              plugboard bench --json result.json --fail-if 'p99>2ms'
            """)

    @Argument(help: "The server: ws://HOST:PORT or unix://PATH.")
    var url = "ws://127.0.0.1:12345"

    @OptionGroup(title: "Load")
    var flags: BenchFlags

    @Option(
        name: .long,
        help: ArgumentHelp("One JSON object to a file, or with - to standard output instead of the table.", valueName: "file"))
    var json: String?

    func run() throws {
        let options: BenchOptions
        do throws(BenchProblem) { options = try flags.options(url: url) } catch { throw ExitStatus.usage.refusing("\(error)") }
        raiseDescriptorLimit()
        let display = BenchDisplay()
        let outcome: Result<BenchResult, BenchProblem>
        do throws(BenchProblem) {
            let runner = try BenchRunner(options)
            outcome = runner.run { display.show($0) }
        } catch { throw ExitStatus.failure.refusing("\(error)") }
        display.end()
        switch outcome {
        case .failure(.badOption(let text)): throw ExitStatus.usage.refusing(text)
        case .failure(let problem): throw ExitStatus.unavailable.refusing("\(problem)")
        case .success(let result): try tell(result)
        }
    }

    private func tell(_ result: BenchResult) throws {
        if json == "-" { StandardStream.output.write(result.json + "\n") } else { StandardStream.output.write(result.table) }
        if let json, json != "-" { try write(result.json + "\n", to: json) }
        if result.wasInterrupted { throw ExitCode(130) }
        if result.faults > 0 { throw ExitCode(1) }
    }

    private func write(_ text: String, to path: String) throws {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw ExitStatus.inputOutput.refusing("\(path): \(error.localizedDescription)")
        }
    }

    /// A client is a file descriptor: takes as many as the system allows.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
