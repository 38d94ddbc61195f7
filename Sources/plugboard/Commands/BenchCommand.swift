// `plugboard bench`: puts load on a Buttplug server and reports how it copes.
// Must not know how a run is made; that is the library `Bench`.

import ArgumentParser
import Bench
import JSON
import Platform
import UV

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Puts load on a Buttplug server, any, and measures it.",
        discussion: """
            Messages go out on a schedule (open loop), and latency counts from when a message was due, so that a stall is not hidden. \
            Every answer is matched to its request. Exit status 0 when every message got its one right answer, 1 when not or when a \
            --fail-if holds, 69 when there was nothing to measure, 130 after Ctrl-C, which prints what was measured so far.

            Profiles:
            \(Profile.all.map { "  \(padded($0.name, to: 10))\($0.summary)" }.joined(separator: "\n"))

            Examples:
              plugboard bench                                      64 busy clients
              plugboard bench --rate 20000 --duration 30s          20,000 messages a second
              plugboard bench --closed --in-flight 16 --pid 4711   as much as it can do
              plugboard bench --closed --messages 100000           so many messages
              plugboard bench ws://127.0.0.1:12346 --clients 1     it takes one client
              plugboard bench --profile stop --journal writes.jsonl
              plugboard bench --json result.json --fail-if 'p99>2ms'
            """)

    @Argument(help: "The server: ws://HOST:PORT, wss://HOST:PORT or unix://PATH.")
    var url = "ws://127.0.0.1:12345"

    @OptionGroup(title: "Load")
    var flags: BenchFlags

    @Option(
        name: .long,
        help: ArgumentHelp("One JSON object to a file, or with - to standard output instead of the table.", valueName: "file"))
    var json: String?

    @Option(name: .long, help: ArgumentHelp("An earlier result (--json), to be compared with this one.", valueName: "file"))
    var compare: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Exit status 1 when this holds: FIGURE, one of < <= > >=, LIMIT, like 'p99>2ms', 'rate<19000', 'cpu>1.2x' (times the figure of --compare). May be given several times.",
            valueName: "condition"))
    var failIf: [String] = []

    @Option(name: .long, help: ArgumentHelp("Write index.html with plots, and result.json, to this folder.", valueName: "folder"))
    var report: String?

    func run() throws {
        let options: BenchOptions
        let conditions: [FailCondition]
        do throws(BenchProblem) {
            options = try flags.options(url: url)
            conditions = try readConditions()
        } catch { throw ExitStatus.usage.refusing("\(error)") }
        let baseline = try compare.map { try readBaseline($0) }
        // A client is a file descriptor.
        DescriptorLimit.raise()
        let display = BenchDisplay()
        let outcome: Result<BenchResult, BenchProblem>
        do throws(BenchProblem) {
            let runner = try BenchRunner(options)
            outcome = runner.run { display.show($0) }
        } catch .badOption(let text) {
            throw ExitStatus.usage.refusing(text)
        } catch { throw ExitStatus.failure.refusing("\(error)") }
        display.end()
        switch outcome {
        case .failure(.badOption(let text)): throw ExitStatus.usage.refusing(text)
        case .failure(let problem): throw ExitStatus.unavailable.refusing("\(problem)")
        case .success(let result): try tell(result, conditions, baseline)
        }
    }

    private func readConditions() throws(BenchProblem) -> [FailCondition] {
        var conditions: [FailCondition] = []
        for text in failIf {
            let condition = try FailCondition(text)
            guard !condition.isRelative || compare != nil else {
                throw .badOption("--fail-if '\(text)': a limit in x is a multiple of a baseline's figure; give that with --compare FILE")
            }
            conditions.append(condition)
        }
        return conditions
    }

    private func readBaseline(_ path: String) throws -> JSONTree {
        guard let bytes = SystemFiles.read(path) else {
            throw ExitStatus.usage.refusing("--compare \(path): no such file, or it may not be read")
        }
        guard let tree = JSONTree(bytes), tree["schema"]?.number == 1, tree["latency_us"] != nil else {
            throw ExitStatus.badData.refusing("--compare \(path): not a result of plugboard bench --json")
        }
        return tree
    }

    private func tell(_ result: BenchResult, _ conditions: [FailCondition], _ baseline: JSONTree?) throws {
        let own = JSONTree(result.json.utf8) ?? .null
        if json == "-" {
            Descriptor.output.write(result.json + "\n")
        } else {
            Descriptor.output.write(result.table)
            if let baseline { Descriptor.output.write("\n" + Comparison(baseline: baseline, result: own).table) }
        }
        if let json, json != "-" { try write(result.json + "\n", to: json) }
        if let report {
            do throws(UVError) { try FileTree.makeFolder(report) } catch {
                throw ExitStatus.inputOutput.refusing("\(report): \(error.sentence)")
            }
            try write(BenchReport(result, baseline: baseline).html, to: "\(report)/index.html")
            try write(result.json + "\n", to: "\(report)/result.json")
        }
        var hasFailed = result.faults > 0
        for condition in conditions {
            switch condition.verdict(on: own, baseline: baseline) {
            case .passed: break
            case .failed(let why), .unknown(let why):
                hasFailed = true
                Descriptor.error.write("plugboard: \(printable(why))\n")
            }
        }
        if result.wasInterrupted { throw ExitCode(130) }
        if hasFailed { throw ExitCode(1) }
    }

    private func write(_ text: String, to path: String) throws {
        do throws(UVError) {
            let file = try Descriptor(opening: path, for: .publishing)
            defer { file.close() }
            if let refusal = Array(text.utf8).withUnsafeBytes({ file.write($0) }).refusal { throw refusal }
        } catch {
            throw ExitStatus.inputOutput.refusing("\(path): \(error.sentence)")
        }
    }
}
