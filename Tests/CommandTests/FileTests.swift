// The files of a running router: its state, its journal, its log.
// Must not need a running router.

import ButtplugServer
import Foundation
import Logging
import Platform
import Router
import Testing
import UV

@testable import plugboard

@Suite struct FileTests {
    private func state() -> RouterState {
        var state = RouterState()
        _ = state.indices.assign("simulated:rabbit:1")
        state.isStopped = true
        return state
    }

    @Test("A state is read as it was written, its folder is made, and it replaces the earlier one.")
    func stateRoundTrip() throws {
        let folder = Folder()
        let file = StateFile(path: folder.path + "/a/b/state")
        #expect(try file.read() == RouterState())
        #expect(file.write(RouterState()) == nil)
        #expect(file.write(state()) == nil)
        #expect(try file.read() == state())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/a/b") == ["state"])
    }

    @Test("A damaged state is refused with a text that says what to do, and a folder that takes no file is reported.")
    func damagedState() throws {
        let folder = Folder()
        let path = try folder.file("state", "plugboard-state 1\nemergency-stop raised\n")
        do throws(StateFile.Unreadable) {
            _ = try StateFile(path: path).read()
            Issue.record("read")
        } catch {
            #expect(error.exitStatus == .badData)
            #expect(error.reason.contains(path) && error.reason.contains("move it away"))
        }
        #expect(StateFile(path: path + "/below/state").write(state()) != nil)
        #expect(StateFile(path: "/dev/full/state").write(state()) != nil)
    }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("A journal is appended to, and goes on in a new file when the old one was renamed.")
    func journal() throws {
        let folder = Folder()
        let path = try folder.file("journal", "before\n")
        let journal = try JournalFile(path: path, logger: Self.quiet)
        Array("one\ntwo\n".utf8).withUnsafeBytes { journal.write($0) }
        #expect(journal.close(withinMilliseconds: 200))
        #expect(try folder.text("journal") == "before\none\ntwo\n")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        journal.reopen()
        Array("three\n".utf8).withUnsafeBytes { journal.write($0) }
        #expect(journal.close(withinMilliseconds: 200))
        #expect(try folder.text("journal") == "three\n")
        #expect(try folder.text("journal.old") == "before\none\ntwo\n")
    }

    /// A writer's reports, in order.
    private final class Told: @unchecked Sendable {
        private let condition = Condition()
        private var events: [String] = []

        func add(_ event: LineWriter.Event) {
            let text =
                switch event {
                case .refused(let error): "refused \(error.name)"
                case .resumed(let missing): "resumed \(missing)"
                case .reopened: "reopened"
                case .notReopened(let error): "not reopened \(error.name)"
                }
            condition.locked { events.append(text) }
        }

        var all: [String] { condition.locked { events } }
    }

    @Test("A full disk loses lines and counts them; it is reported once, and again when there is room.")
    func fullDisk() throws {
        let folder = Folder()
        let told = Told()
        let writer = LineWriter(try Descriptor(opening: "/dev/full", for: .appending), bytesMax: 1 << 20)
        writer.listen { told.add($0) }
        for _ in 0..<3 {
            writer.write("0123456789\n")
            writer.finish(withinMilliseconds: 10_000)
        }
        #expect(told.all == ["refused ENOSPC"])
        writer.reopen(folder.path + "/missing/journal")
        #expect(writer.finish(withinMilliseconds: 10_000))
        writer.reopen(folder.path + "/journal")
        writer.write("after\n")
        #expect(writer.finish(withinMilliseconds: 10_000))
        #expect(told.all == ["refused ENOSPC", "not reopened ENOENT", "reopened", "resumed 3"])
        #expect(try folder.text("journal") == "after\n")
    }

    @Test("A pipe that nobody reads delays nothing: lines are dropped, never cut, and written again when there is room.")
    func fullPipe() throws {
        let folder = Folder()
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let told = Told()
        let writer = LineWriter(try Descriptor(opening: path, for: .appending), bytesMax: 100_000)
        writer.listen { told.add($0) }
        let lines = String(repeating: "0123456789abcde\n", count: 1_000) + "odd\n"
        var dropped = 0
        for _ in 0..<40 where !writer.write(lines) { dropped += 1_001 }
        #expect(dropped > 0)
        #expect(!writer.finish(withinMilliseconds: 1))
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var text = ""
        func drain() {
            var poller = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            while poll(&poller, 1, 10_000) == 1 {
                let count = read(reader, &bytes, bytes.count)
                guard count > 0 else { return }
                text += String(decoding: bytes[..<count], as: UTF8.self)
                if text.hasSuffix("\nlast\n") { return }
            }
        }
        // A line that fits may need some room first.
        while !writer.write("last\n") {
            let count = read(reader, &bytes, bytes.count)
            if count > 0 { text += String(decoding: bytes[..<count], as: UTF8.self) }
        }
        drain()
        #expect(text.hasSuffix("\nlast\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0 == "0123456789abcde" || $0 == "odd" || $0 == "last" })
        #expect(text.split(separator: "\n").count + dropped == 40 * 1_001 + 1)
        #expect(writer.finish(withinMilliseconds: 10_000))
        #expect(told.all.last?.hasPrefix("resumed") == true)
    }

    // MARK: State

    @Test("A thread of its own writes states, the newest last, and a folder that takes no file is reported.")
    func keeper() throws {
        let folder = Folder()
        let keeper = StateKeeper(StateFile(path: folder.path + "/state"))
        for _ in 0..<100 { keeper.offer(RouterState()) }
        keeper.offer(state())
        #expect(keeper.finish(withinMilliseconds: 10_000))
        #expect(try keeper.file.read() == state())
        let other = StateKeeper(StateFile(path: "/dev/full/state"))
        let condition = Condition()
        nonisolated(unsafe) var outcomes: [StateKeeping.Outcome] = []
        other.listen { outcome in condition.locked { outcomes.append(outcome) } }
        other.offer(state())
        #expect(!other.finish(withinMilliseconds: 10_000) || !condition.locked { outcomes.isEmpty })
        guard case .refused(let refused, _, isNew: true)? = condition.locked({ outcomes.first }) else {
            Issue.record("not refused")
            return
        }
        #expect(refused == state())
    }

    // MARK: Log

    private static let evil = "a\"b\n2026 critical fake\u{1B}[2J\u{202E}\\"

    @Test("An event is one line of text, with any name of a client.")
    func textLine() {
        let line = LogLines.text("T", .info, "session up", [("client", Self.evil)])
        #expect(
            LogLines.text("T", .info, "up", [("a", "ws://127.0.0.1:1"), ("b", ""), ("c", "a b")])
                == "T info     up a=ws://127.0.0.1:1 b=\"\" c=\"a b\"\n")
        #expect(line == "T info     session up client=\"a\\\"b\\n2026 critical fake\\u001b[2J\\u202e\\\\\"\n")
    }

    @Test("An event is one object of JSON, with any name of a client.")
    func jsonLine() throws {
        let line = LogLines.json("T", .warning, "session up", [("client", Self.evil)])
        #expect(line.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object == ["time": "T", "level": "warning", "event": "session up", "client": Self.evil])
    }

    @Test("A log that goes to a pipe that nobody reads drops lines and says how many; it never waits.")
    func logPipe() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let lines = LogLines(.text, .info, stream: Descriptor(number: ends[1]), bytesMax: 50_000)
        let text = Logger.Message(stringLiteral: String(repeating: "x", count: 1000))
        for _ in 0..<400 { lines.logger.info(text) }
        lines.logger.debug("not wanted")
        #expect(!lines.finish(withinMilliseconds: 1))
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var all = ""
        var written: Int { all.split(separator: "\n").count { $0.hasSuffix("x") } }
        var dropped: Int { all.matches(of: /warning  log lines were dropped count=(\d+)\n/).reduce(0) { $0 + (Int($1.1) ?? 0) } }
        while written + dropped < 400 {
            let count = read(ends[0], &bytes, bytes.count)
            all += String(decoding: bytes[..<count], as: UTF8.self)
        }
        #expect(written + dropped == 400 && written > 0 && dropped > 0)
        lines.level = .debug
        lines.logger.debug("after")
        let count = read(ends[0], &bytes, bytes.count)
        #expect(String(decoding: bytes[..<count], as: UTF8.self).hasSuffix("debug    after\n"))
        close(ends[0])
        close(ends[1])
    }
}
