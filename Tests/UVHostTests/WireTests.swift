// Wires on a loop: serial lines at a pseudo terminal, and packet sockets; every outcome of opening, bytes both ways, and every end.
// Must not know devices.

import Glibc
import Host
import Testing
import UVHost

/// Records what wires say, and ends waits that take too long.
private final class WireRecord: WireOwner, TurnOwner {
    var events: [String] = []
    var texts: [String] = []
    var isLate = false
    var onReceived: (() -> Void)?

    func opened(_ id: WireID, at now: Instant) { events.append("opened \(id.number)") }
    func received(_ bytes: RawSpan, from id: WireID, at now: Instant) {
        texts.append(bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        onReceived?()
    }
    func drained(_ id: WireID, at now: Instant) { events.append("drained \(id.number)") }
    func closed(_ id: WireID, _ end: WireEnd, at now: Instant) { events.append("closed \(id.number) \(end)") }
    func deadlinePassed(at now: Instant) { isLate = true }
}

/// A host on this thread.
private struct WireGround {
    let host: UVHost
    let record = WireRecord()

    init() throws {
        host = try UVHost()
        host.attach(record).set(host.now + .seconds(10))
    }

    /// Runs turns until it is so; false after ten seconds.
    func run(until isSo: () -> Bool) -> Bool {
        while !isSo(), !record.isLate { host.loop.runOnce(waiting: true) }
        return isSo()
    }

    func send(_ text: String, on wire: any Wire) -> Bool {
        var text = text
        return text.withUTF8 { wire.send(UnsafeRawBufferPointer($0)) }
    }
}

/// The other end of a serial line.
private final class Terminal {
    let master: Int32
    let path: String

    init() {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // TIOCSPTLCK and TIOCGPTN of Linux, which Swift does not see: unlock the other end, and which number it has.
        var number: Int32 = 0
        _ = ioctl(master, 0x4004_5431, &number)
        _ = ioctl(master, 0x8004_5430, &number)
        path = "/dev/pts/\(number)"
    }

    func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(master, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }

    func write(_ text: String) { _ = Glibc.write(master, text, text.utf8.count) }
    func close() { Glibc.close(master) }
}

@Suite struct WireTests {
    @Test("A serial line carries bytes both ways as they are, and its hang-up is its end")
    func serialLine() throws {
        let ground = try WireGround()
        defer { ground.host.finish() }
        let terminal = Terminal()
        let wire = ground.host.open(.serial(path: terminal.path, baud: 115_200), as: WireID(7), for: ground.record)
        #expect(!ground.send("too early", on: wire))
        #expect(ground.record.events.isEmpty)
        #expect(ground.run { !ground.record.events.isEmpty })
        #expect(ground.record.events == ["opened 7"])
        #expect(ground.send("D0\n\r\u{3}\u{11}", on: wire))
        #expect(terminal.read() == "D0\n\r\u{3}\u{11}")
        terminal.write("a\nb\r\u{4}")
        #expect(ground.run { ground.record.texts.joined().utf8.count == 5 })
        #expect(ground.record.texts.joined() == "a\nb\r\u{4}")
        terminal.close()
        #expect(ground.run { ground.record.events.count == 2 })
        #expect(ground.record.events.last == "closed 7 ended")
        #expect(!ground.send("too late", on: wire))
        wire.close()
    }

    @Test("Stopping with a time limit waits until the last wire is closed, and no longer")
    func stopWaitsForWires() throws {
        final class Closer: TurnOwner {
            var wire: (any Wire)?
            var hasClosed = false
            func deadlinePassed(at now: Instant) {
                wire?.close()
                hasClosed = true
            }
        }
        let ground = try WireGround()
        let terminal = Terminal()
        defer { terminal.close() }
        let closer = Closer()
        closer.wire = ground.host.open(.serial(path: terminal.path, baud: 115_200), as: WireID(7), for: ground.record)
        #expect(ground.run { ground.record.events == ["opened 7"] })
        ground.host.attach(closer).set(ground.host.now + .milliseconds(20))
        ground.host.stop(within: .seconds(60))
        ground.host.run()
        #expect(closer.hasClosed && !ground.record.isLate)
    }

    @Test("What keeps a wire from opening is said in a later turn")
    func refusals() throws {
        let ground = try WireGround()
        defer { ground.host.finish() }
        let terminal = Terminal()
        defer { terminal.close() }
        let other = open(terminal.path, O_RDWR | O_NOCTTY)
        defer { close(other) }
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
        _ = ground.host.open(.serial(path: "/dev/there-is-no-such-port", baud: 9_600), as: WireID(1), for: ground.record)
        _ = ground.host.open(.serial(path: "/dev/null", baud: 9_600), as: WireID(2), for: ground.record)
        _ = ground.host.open(.serial(path: terminal.path, baud: 9_600), as: WireID(3), for: ground.record)
        _ = ground.host.open(.serial(path: terminal.path, baud: 12_345), as: WireID(4), for: ground.record)
        #expect(ground.record.events.isEmpty)
        #expect(ground.run { ground.record.events.count == 4 })
        #expect(ground.record.events == ["closed 1 absent", "closed 2 unsuitable", "closed 3 busy", "closed 4 unsuitable"])
    }

    @Test("A line that is full takes nothing more, keeps what it began, and says when it has room")
    func fullLine() throws {
        let ground = try WireGround()
        defer { ground.host.finish() }
        let terminal = Terminal()
        defer { terminal.close() }
        let wire = ground.host.open(.serial(path: terminal.path, baud: 115_200), as: WireID(1), for: ground.record)
        #expect(ground.run { !ground.record.events.isEmpty })
        let line = String(repeating: "x", count: 999) + "\n"
        var sent = 0
        while ground.send(line, on: wire), sent < 1_000 { sent += 1 }
        #expect(sent > 0 && sent < 1_000)
        // There is room again, but what was refused comes first.
        var read = terminal.read()
        #expect(!ground.send(line, on: wire))
        #expect(
            ground.run {
                if read.utf8.count < sent * 1_000, ground.record.events.count == 1 { read += terminal.read() }
                return ground.record.events.count == 2
            })
        #expect(ground.record.events.last == "drained 1")
        while read.utf8.count < sent * 1_000 { read += terminal.read() }
        #expect(read == String(repeating: line, count: sent))
        #expect(ground.send("next\n", on: wire))
        #expect(terminal.read() == "next\n")
    }

    @Test("A packet socket keeps packets apart, and the end of its other end is its end")
    func packets() throws {
        let ground = try WireGround()
        defer { ground.host.finish() }
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        let wire = ground.host.open(.passed(ends[0]), as: WireID(1), for: ground.record)
        _ = write(ends[1], "ab", 2)
        _ = write(ends[1], "c", 1)
        #expect(ground.run { ground.record.texts.count == 2 })
        #expect(ground.record.texts == ["ab", "c"])
        #expect(ground.send("one", on: wire) && ground.send("two", on: wire))
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(ends[1], &bytes, 16) == 3)
        close(ends[1])
        #expect(ground.run { ground.record.events.count == 2 })
        #expect(ground.record.events == ["opened 1", "closed 1 ended"])
    }

    @Test("A wire that its owner closes says nothing more, also from inside its own report")
    func closing() throws {
        let ground = try WireGround()
        let terminal = Terminal()
        defer { terminal.close() }
        let wire = ground.host.open(.serial(path: terminal.path, baud: 115_200), as: WireID(1), for: ground.record)
        #expect(ground.run { !ground.record.events.isEmpty })
        ground.record.onReceived = { wire.close() }
        terminal.write("x")
        #expect(ground.run { !ground.record.texts.isEmpty })
        terminal.write("y")
        for _ in 0..<3 { ground.host.loop.runOnce() }
        #expect(ground.record.texts == ["x"] && ground.record.events == ["opened 1"])
        #expect(ground.host.loop.liveHandles >= 0)
        ground.host.finish()
    }
}
