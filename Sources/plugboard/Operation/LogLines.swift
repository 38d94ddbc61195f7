// Log lines on standard error: one line per event, text for people or JSON for programs; what is not taken in time is dropped and counted.
// Must not know what the events mean. Names come from outside: nothing in them may end a line or control a terminal.

import Logging
import Platform
import UV

/// Where all loggers of this process write. Used on the main thread only; a logger may be passed on, its lines still come here.
final class LogLines: @unchecked Sendable {
    var format: LogFormat { didSet { setNotice() } }
    /// The level of every logger that has none of its own.
    var level: Logger.Level
    /// Makes loggers that write here.
    private(set) lazy var logger = Logger(label: "plugboard") { _ in LineHandler(lines: self) }
    private let writer: LineWriter
    private let isTerminal: Bool

    /// A report of twelve thousand sessions fits.
    private static let bytesMax = 4 << 20

    init(_ format: LogFormat, _ level: Logger.Level, stream: Descriptor = .error, bytesMax: Int = LogLines.bytesMax) {
        self.format = format
        self.level = level
        isTerminal = stream.isTerminal
        writer = LineWriter(stream, bytesMax: bytesMax)
        setNotice()
        // The C library reads a file when it is asked for the first time; that is not for a running router.
        _ = WallClock.text
    }

    /// Waits until the lines are written, but no longer than this: the other end may be one that never reads.
    @discardableResult
    func finish(withinMilliseconds patience: UInt64) -> Bool { writer.finish(withinMilliseconds: patience) }

    var isText: Bool { format == .text || (format == .auto && isTerminal) }

    private func setNotice() {
        let isText = isText
        writer.setNotice { Array(Self.render(isText, .warning, "log lines were dropped", [("count", "\($0)")]).utf8) }
    }

    fileprivate func write(_ level: Logger.Level, _ event: String, _ facts: [(String, String)]) {
        writer.write(Self.render(isText, level, event, facts))
    }

    private static func render(_ isText: Bool, _ level: Logger.Level, _ event: String, _ facts: [(String, String)]) -> String {
        isText ? text(WallClock.text, level, event, facts) : json(WallClock.text, level, event, facts)
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

    /// What a client sends does not make a line long.
    private static func short(_ text: String) -> String {
        text.utf8.count <= 512 ? text : String(decoding: text.utf8.prefix(512), as: UTF8.self) + "…"
    }
}
