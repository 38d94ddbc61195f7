// Log lines on standard error: one line per event, text for people or JSON for programs; what does not fit is dropped and counted.
// Must not know what the events mean. Names come from strangers: nothing of them may end a line or steer a terminal.

import Logging
import UV

/// Where all loggers of this process write. Used on the main thread only; a logger may be handed about, its lines end up here.
final class LogLines: @unchecked Sendable {
    var format: LogFormat
    /// The level of every logger that has none of its own.
    var level: Logger.Level
    /// Makes loggers that write here.
    private(set) lazy var logger = Logger(label: "plugboard") { _ in LineHandler(lines: self) }
    private let stream: Descriptor
    private let isTerminal: Bool
    private var dropped: UInt64 = 0

    init(_ format: LogFormat, _ level: Logger.Level, stream: Descriptor = .error) {
        self.format = format
        self.level = level
        self.stream = stream
        isTerminal = stream.isTerminal
    }

    fileprivate func write(_ level: Logger.Level, _ event: String, _ facts: [(String, String)]) {
        var line = ""
        if dropped > 0 { line = render(.warning, "log lines were dropped", [("count", "\(dropped)")]) }
        line += render(level, event, facts)
        if put(line) { dropped = 0 } else { dropped += 1 }
    }

    private func render(_ level: Logger.Level, _ event: String, _ facts: [(String, String)]) -> String {
        let isText = format == .text || (format == .auto && isTerminal)
        return isText ? Self.text(WallClock.text, level, event, facts) : Self.json(WallClock.text, level, event, facts)
    }

    /// `2026-01-31T12:00:00.000Z info     session up client="Some app" session=3`.
    static func text(_ time: String, _ level: Logger.Level, _ event: String, _ facts: [(String, String)]) -> String {
        let name = padded(level.rawValue, to: 8)
        return "\(time) \(name) \(printable(event))" + facts.map { " \($0.0)=\(word($0.1))" }.joined() + "\n"
    }

    /// As it is when it is one plain word, else in quotes.
    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-")...UInt8(ascii: ":"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isPlain && !text.isEmpty ? text : quoted(text)
    }

    /// `{"time":"2026-01-31T12:00:00.000Z","level":"info","event":"session up","client":"OBS","session":"3"}`.
    static func json(_ time: String, _ level: Logger.Level, _ event: String, _ facts: [(String, String)]) -> String {
        let members = [("time", time), ("level", level.rawValue), ("event", event)] + facts
        return "{" + members.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}\n"
    }

    /// Writes a line in one piece, or nothing of it: a reader that has gone to sleep must not stop the router.
    private func put(_ line: String) -> Bool {
        var line = line
        // A line is no longer than the room that a writable pipe has, as names are short.
        return line.withUTF8 { stream.writeAtOnce(UnsafeRawBufferPointer($0)) }
    }
}

/// The side that swift-log sees.
private struct LineHandler: LogHandler {
    let lines: LogLines
    private var ownLevel: Logger.Level?
    var metadata = Logger.Metadata()

    init(lines: LogLines) { self.lines = lines }

    var logLevel: Logger.Level {
        get { ownLevel ?? lines.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let facts = all.sorted { $0.key < $1.key }.map { ($0.key, Self.short("\($0.value)")) }
        lines.write(event.level, "\(event.message)", facts)
    }

    /// What a stranger sends does not make a line long.
    private static func short(_ text: String) -> String {
        text.utf8.count <= 512 ? text : String(decoding: text.utf8.prefix(512), as: UTF8.self) + "…"
    }
}
