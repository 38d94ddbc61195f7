// The result, and the run's progress, for people.
// Must not know terminals: colours and bars are the command line's.

import Host

extension BenchResult {
    /// A few lines with a line end each.
    public var table: String {
        var rows: [(String, String)] = []
        let together = burst > 1 ? ", \(burst) at once" : ""
        let load = inFlight.map { "\($0) in flight each" } ?? "\((targetRate ?? 0).short) msg/s on schedule\(together)"
        let limit = messages.map { ", up to \(counted($0, "message"))" } ?? ""
        rows.append(("server", url))
        rows.append(
            (
                "load",
                "\(profile.name), spec v\(spec.rawValue), \(counted(clients, "client")), \(load)\(limit), \(seconds.fixed(1)) s\(wasInterrupted ? " (interrupted)" : "")"
            ))
        rows.append(("messages", "\(tally.sent) sent, \(tally.answered) answered, \(rate.fixed(0)) msg/s"))
        rows.append(("faults", faultWords))
        if let fault = tally.firstFault { rows.append(("", "first: \(fault)")) }
        if latency.count > 0 { rows.append(("latency", Self.words(latency))) }
        if let stop { rows.append(("stop to zero", Self.words(stop) + ", \(counted(stop.count, "stop")), \(stopsMissed) missed")) }
        if let fanOut, fanOut.count > 0 { rows.append(("fan-out", Self.words(fanOut))) }
        if let last = fanOutLast, last.count > 0 { rows.append(("to the last", Self.words(last))) }
        if tally.events > 0 { rows.append(("unasked", counted(tally.events, "event") + " such as readings")) }
        if let server { rows += Self.rows(server) }
        if let cost = generatorMicrosecondsPerMessage { rows.append(("this program", "\(cost.fixed(2)) µs of CPU per message")) }
        let width = rows.reduce(0) { max($0, $1.0.count) } + 2
        return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 + "\n" }.joined()
    }

    private var faultWords: String {
        let parts: [(UInt64, String)] = [
            (tally.errors, counted(tally.errors, "error")), (tally.unanswered, "\(tally.unanswered) unanswered"),
            (tally.duplicated, "\(tally.duplicated) duplicated"), (tally.wrong, "\(tally.wrong) wrong"),
            (tally.unsent, "\(tally.unsent) unsent"), (tally.lost, counted(tally.lost, "session") + " lost"),
            (stopsMissed, counted(stopsMissed, "stop") + " missed"),
        ]
        let there = parts.filter { $0.0 > 0 }
        return there.isEmpty ? "none" : there.map(\.1).joined(separator: ", ")
    }

    private static func rows(_ server: ServerReport) -> [(String, String)] {
        var words: [String] = []
        if let cost = server.cpuMicrosecondsPerMessage { words.append("\(cost.fixed(2)) µs of CPU per message") }
        if let cost = server.cpuMicrosecondsPerEvent { words.append("\(cost.fixed(2)) µs per event") }
        words.append("RSS \(bytes(server.residentBytesBefore)) before, \(bytes(server.residentBytes)) after")
        if let before = server.descriptorsBefore, let after = server.descriptors {
            words.append("\(counted(before, "descriptor")) before, \(after) after")
        }
        if let each = server.residentBytesPerSession { words.append("\(each.fixed(0)) bytes per session") }
        var rows = [("process \(server.pid)", words.joined(separator: ", "))]
        if let calls = server.systemCallsPerMessage {
            rows.append(("", "\(calls.fixed(3)) system calls per message"))
        } else {
            let known =
                server.readWriteCallsPerMessage.map { "\($0.fixed(3)) calls of read and write per message (not of recv and send); " } ?? ""
            rows.append(("", "\(known)system calls are not counted: \(server.systemCallsNote ?? "no messages")"))
        }
        return rows
    }

    static func words(_ figures: LatencyFigures) -> String {
        "p50 \(time(figures.p50)), p90 \(time(figures.p90)), p99 \(time(figures.p99)), p99.9 \(time(figures.p999)), max \(time(figures.max))"
    }

    /// Microseconds with the unit that suits them.
    public static func time(_ microseconds: Double) -> String {
        if microseconds < 1_000 { return "\(microseconds.fixed(microseconds < 100 ? 1 : 0)) µs" }
        if microseconds < 1_000_000 { return "\((microseconds / 1e3).fixed(microseconds < 100_000 ? 2 : 0)) ms" }
        return "\((microseconds / 1e6).fixed(2)) s"
    }

    static func bytes(_ count: UInt64) -> String {
        count < 10 << 20 ? "\((Double(count) / 1024).fixed(0)) KiB" : "\((Double(count) / 1_048_576).fixed(1)) MiB"
    }
}

extension BenchProgress {
    /// One line, without its end.
    public var line: String {
        let time = " · " + (messagesLeft.map { "\(counted($0, "message")) left" } ?? "\(secondsLeft.fixed(0)) s left")
        let load = "\(counted(clients, "client")), \(rate.fixed(0)) msg/s"
        let latency = p99 > 0 ? ", p50 \(BenchResult.time(p50)), p99 \(BenchResult.time(p99))" : ""
        let wrong = faults == 0 ? ", no faults" : ", \(faults) FAULT\(faults == 1 ? "" : "S")"
        switch stage {
        case .connecting: return "connecting: \(counted(clients, "client"))"
        case .warmingUp: return "warming up: \(load)\(wrong)\(time)"
        case .measuring: return load + latency + wrong + time
        case .waiting: return "waiting for the last answers\(wrong)"
        }
    }
}
