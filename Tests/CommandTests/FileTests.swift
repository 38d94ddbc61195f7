// The files beside a running router: its state, its journal, its log.
// Must not need a running router.

import Foundation
import Logging
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

    @Test("A state is read as it was written, into a folder that is made for it, and replaces the one before.")
    func stateRoundTrip() throws {
        let folder = Folder()
        let file = StateFile(path: folder.path + "/a/b/state")
        #expect(try file.read() == RouterState())
        #expect(file.write(RouterState()) == nil)
        #expect(file.write(state()) == nil)
        #expect(try file.read() == state())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/a/b") == ["state"])
    }

    @Test("A damaged state is refused with what to do about it, and a place that takes no file is said.")
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

    @Test("A journal is appended to.")
    func journal() throws {
        let folder = Folder()
        let path = try folder.file("journal", "before\n")
        let journal = try JournalFile(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        Array("one\ntwo\n".utf8).withUnsafeBytes { journal.write($0) }
        journal.close()
        #expect(try folder.text("journal") == "before\none\ntwo\n")
        #expect(journal.dropped == 0)
    }

    @Test("A full disk costs journal lines, which are counted.")
    func fullDisk() throws {
        let journal = try JournalFile(path: "/dev/full", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for _ in 0..<3 { Array("0123456789\n".utf8).withUnsafeBytes { journal.write($0) } }
        #expect(journal.dropped == 33)
        journal.close()
    }

    @Test("A journal behind a pipe that nobody empties drops lines, keeps whole ones, and goes on when there is room again.")
    func fullPipe() throws {
        let folder = Folder()
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let journal = try JournalFile(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let lines = String(repeating: "0123456789abcde\n", count: 5000) + "odd\n"
        for _ in 0..<3 { Array(lines.utf8).withUnsafeBytes { journal.write($0) } }
        #expect(journal.dropped > 0)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var text = ""
        func drain() {
            while true {
                let count = read(reader, &bytes, bytes.count)
                guard count > 0 else { return }
                text += String(decoding: bytes[..<count], as: UTF8.self)
            }
        }
        drain()
        Array("last\n".utf8).withUnsafeBytes { journal.write($0) }
        drain()
        #expect(journal.dropped == 0)
        #expect(text.hasSuffix("\nlast\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0 == "0123456789abcde" || $0 == "odd" || $0 == "last" })
        journal.close()
    }

    // MARK: Log

    private static let evil = "a\"b\n2026 critical fake\u{1B}[2J\u{202E}\\"

    @Test("An event is one line of text, whatever a client calls itself.")
    func textLine() {
        let line = LogLines.text("T", .info, "session up", [("client", Self.evil)])
        #expect(
            LogLines.text("T", .info, "up", [("a", "ws://127.0.0.1:1"), ("b", ""), ("c", "a b")])
                == "T info     up a=ws://127.0.0.1:1 b=\"\" c=\"a b\"\n")
        #expect(line == "T info     session up client=\"a\\\"b\\n2026 critical fake\\u001b[2J\\u202e\\\\\"\n")
    }

    @Test("An event is one object of JSON, whatever a client calls itself.")
    func jsonLine() throws {
        let line = LogLines.json("T", .warning, "session up", [("client", Self.evil)])
        #expect(line.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object == ["time": "T", "level": "warning", "event": "session up", "client": Self.evil])
    }

    @Test("A log behind a pipe that nobody reads drops lines and says how many; it never waits.")
    func logPipe() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let lines = LogLines(.text, .info, stream: Descriptor(number: ends[1]))
        let text = Logger.Message(stringLiteral: String(repeating: "x", count: 1000))
        for _ in 0..<200 { lines.logger.info(text) }
        lines.logger.debug("not wanted")
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let first = read(ends[0], &bytes, bytes.count)
        let written = bytes[..<first].count { $0 == UInt8(ascii: "\n") }
        #expect(written < 200)
        lines.level = .debug
        lines.logger.debug("after")
        let count = read(ends[0], &bytes, bytes.count)
        let after = String(decoding: bytes[..<count], as: UTF8.self)
        #expect(after.contains("log lines were dropped count=\(200 - written)"))
        #expect(after.contains("debug    after"))
        close(ends[0])
        close(ends[1])
    }
}
