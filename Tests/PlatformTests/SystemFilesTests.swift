// Files of the kernel and files that grow.

import Foundation
import Testing
import UV

@testable import Platform

struct SystemFilesTests {
    @Test("A file that is not there is nil at every read, and one that is there is read whole.")
    func files() throws {
        for _ in 0..<100 { #expect(SystemFiles.read("/nowhere/at/all") == nil) }
        let stat = try #require(SystemFiles.read("/proc/self/stat"))
        #expect(stat.last == UInt8(ascii: "\n"))
        #expect(SystemFiles.pageBytes >= 4096 && Processors.usedMicroseconds > 0)
    }

    @Test("A process's processor time only ever grows, and there is none of a process that is not.")
    func processorTime() throws {
        let first = try #require(ProcessorTime.nanoseconds(of: getpid()))
        let second = try #require(ProcessorTime.nanoseconds(of: getpid()))
        #expect(0 < first && first < second)
        #expect(ProcessorTime.nanoseconds(of: 999_999_999) == nil)
    }

    @Test("A growing file gives what was added since the last read, and nothing from before a skip to its end.")
    func tail() throws {
        let path = NSTemporaryDirectory() + "tail-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        let tail = try #require(FileTail(path: path))
        var text = ""
        func read() { tail.read { text += String(decoding: $0, as: UTF8.self) } }
        tail.skipToEnd()
        read()
        #expect(text.isEmpty)
        let file = try #require(FileHandle(forWritingAtPath: path))
        for part in ["new", String(repeating: "x", count: 300_000)] {
            text = ""
            file.seekToEndOfFile()
            file.write(Data(part.utf8))
            read()
            #expect(text == part)
        }
    }

    @Test("A precise timer fires at its time and not before.")
    func preciseTimer() throws {
        let loop = try Loop()
        let due = MonotonicClock.nanoseconds + 3_300_000
        var firedAt: UInt64 = 0
        let timer = try PreciseTimer(on: loop) {
            firedAt = MonotonicClock.nanoseconds
            loop.stop()
        }
        timer.start(at: due)
        loop.run()
        #expect(firedAt >= due)
        timer.close()
        loop.close()
    }

    @Test("System calls of a process are counted, or there is a reason why not.")
    func systemCalls() {
        do throws(SystemCallCounter.Unavailable) {
            let counter = try SystemCallCounter(pid: getpid())
            for _ in 0..<100 { _ = SystemFiles.read("/proc/self/stat") }
            #expect(counter.count >= 300)
        } catch { #expect(!error.reason.isEmpty) }
    }
}
