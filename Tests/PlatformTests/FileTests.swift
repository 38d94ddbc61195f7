// Descriptors, names in the file system, the environment and the time of day.
// Must not know the contents of the program's files.

import Foundation
import Testing
import UV

@testable import Platform

@Suite struct FileTests {
    /// A folder that is removed at the end of the test.
    private final class Folder {
        let path = NSTemporaryDirectory() + "uv-\(UUID().uuidString)"
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        let file = try Descriptor(opening: path, for: .reading)
        defer { file.close() }
        return try file.read(limit: 1 << 20)
    }

    @Test("A file is replaced as a whole and leaves no other file, and appending keeps a file's contents.")
    func writing() throws {
        let folder = try Folder()
        let path = folder.path + "/file"
        try FileTree.replace(path, with: Array("one".utf8))
        try FileTree.replace(path, with: Array("two".utf8))
        let file = try Descriptor(opening: path, for: .appending)
        let written = Array(" three".utf8).withUnsafeBytes { file.write($0) }
        #expect(written.count == 6 && written.refusal == nil)
        #expect(file.fileBytes == 9 && !file.isTerminal)
        file.close()
        #expect(try bytes(path) == Array("two three".utf8))
        #expect(FileTree.names(in: folder.path) == ["file"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("A write that fails says why and leaves no file.")
    func refusals() throws {
        let folder = try Folder()
        #expect(throws: UVError.self) { try FileTree.replace(folder.path + "/none/file", with: [1]) }
        #expect(throws: UVError.self) { try FileTree.replace(folder.path, with: [1]) }
        #expect(FileTree.names(in: folder.path).isEmpty)
        #expect(FileTree.isAbsent(folder.path + ".new") && FileTree.isAbsent(folder.path + "/x/y") && !FileTree.isAbsent(folder.path))
        let full = try Descriptor(opening: "/dev/full", for: .appending)
        let written = [UInt8](repeating: 1, count: 10).withUnsafeBytes { full.write($0) }
        full.close()
        #expect(written.count == 0 && written.refusal?.sentence == "No space left on device")
        do throws(UVError) {
            _ = try Descriptor(opening: folder.path + "/none", for: .reading)
            Issue.record("opened")
        } catch { #expect(error.isNotFound && error.sentence == "No such file or directory") }
    }

    @Test("A read ends at its limit, and a folder cannot be read as a file.")
    func reading() throws {
        let folder = try Folder()
        let path = folder.path + "/long"
        try FileTree.replace(path, with: [UInt8](repeating: 7, count: 100_000))
        let file = try Descriptor(opening: path, for: .reading)
        defer { file.close() }
        #expect((1001..<100_000).contains(try file.read(limit: 1000).count))
        let other = try Descriptor(opening: folder.path, for: .reading)
        defer { other.close() }
        #expect(other.fileBytes == nil)
    }

    @Test("Folders are made with their parent folders, and not over a file.")
    func folders() throws {
        let folder = try Folder()
        try FileTree.makeFolder(folder.path + "/a/b/c", mode: 0o700)
        try FileTree.makeFolder(folder.path + "/a/b/c")
        #expect(FileTree.names(in: folder.path + "/a/b") == ["c"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/a")[.posixPermissions] as? Int
        #expect(mode == 0o700)
        try FileTree.replace(folder.path + "/file", with: [])
        #expect(throws: UVError.self) { try FileTree.makeFolder(folder.path + "/file") }
        #expect(throws: UVError.self) { try FileTree.makeFolder(folder.path + "/file/x") }
        #expect(FileTree.folder(of: "/a/b") == "/a" && FileTree.folder(of: "b") == "" && FileTree.folder(of: "/b") == "")
        #expect(FileTree.names(in: "/nowhere") == [])
        #expect(FileTree.target(ofLink: "/proc/self/cwd") == FileManager.default.currentDirectoryPath)
        #expect(FileTree.target(ofLink: "/proc") == nil)
    }

    @Test("A locked file is locked for others, until it is closed.")
    func locks() throws {
        let folder = try Folder()
        let first = try Descriptor(opening: folder.path + "/lock", for: .locking)
        let second = try Descriptor(opening: folder.path + "/lock", for: .locking)
        #expect(first.lock() && !second.lock())
        first.close()
        #expect(second.lock())
        second.close()
    }

    @Test("The environment is that of the process's start, and the time of day is written in UTC.")
    func surroundings() {
        #expect(Environment.variables == ProcessInfo.processInfo.environment)
        #expect(WallClock.text(seconds: 0, milliseconds: 7) == "1970-01-01T00:00:00.007Z")
        #expect(WallClock.text(seconds: 951_782_399, milliseconds: 999) == "2000-02-28T23:59:59.999Z")
        let before = WallClock.text(seconds: time(nil), milliseconds: 0)
        let now = WallClock.text
        #expect(before <= now && now <= WallClock.text(seconds: time(nil) + 1, milliseconds: 0))
    }

    @Test("Pages that the program released are no longer in memory, and come back when they are used.")
    func programPages() throws {
        /// Kilobytes of this program's file that are mapped and were not written.
        func mapped() throws -> Int {
            let program = try #require(FileTree.target(ofLink: "/proc/self/exe"))
            let lines = String(decoding: try #require(SystemFiles.read("/proc/self/smaps")), as: UTF8.self).split(separator: "\n")
            var isOwn = false
            var sum = 0
            for line in lines {
                let fields = line.split(separator: " ")
                if fields[0].contains("-") { isOwn = line.hasSuffix(program) && fields[1].hasPrefix("r-x") }
                if isOwn, fields[0] == "Rss:" { sum += Int(fields[1]) ?? 0 }
            }
            return sum
        }
        let before = try mapped()
        ProgramPages.letGo()
        let after = try mapped()
        #expect(before > 0 && after > 0, "this very code runs in one of them")
        #expect(after < before)
    }
}
