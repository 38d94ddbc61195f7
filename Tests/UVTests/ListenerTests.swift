// Listeners: addresses, errors of binding, socket files, and no free descriptors.
// Must not know the protocol of the connections.

import LibC
import Platform
import Testing
import UV

@Suite struct ListenerTests {
    @Test(
        "Port 0 gives a real port; IPv4, IPv6 and names work; the peer's address comes without its port.",
        arguments: ["127.0.0.1", "localhost"])
    func listensOnIPv4(host: String) throws {
        try withLoop { loop in
            var peers: [String] = []
            let listener = try TCPListener(on: loop, host: host, port: 0) { stream, peer in
                peers.append(peer)
                stream.close()
            }
            #expect(listener.port != 0)
            #expect(listener.host == "127.0.0.1")
            let client = Client(port: listener.port)
            try run(loop, until: { !peers.isEmpty })
            #expect(peers == ["127.0.0.1"])
            listener.close()
            client.close()
        }
    }

    @Test(
        "An IPv6 socket works where the machine has IPv6, and shows an IPv4 peer with its IPv4 address.",
        .enabled(if: access("/proc/sys/net/ipv6", F_OK) == 0))
    func listensOnIPv6() throws {
        try withLoop { loop in
            var peers: [String] = []
            let listener = try TCPListener(on: loop, host: "::", port: 0) { stream, peer in
                peers.append(peer)
                stream.close()
            }
            #expect(listener.host == "::")
            let client = Client(port: listener.port)
            try run(loop, until: { !peers.isEmpty })
            #expect(peers == ["127.0.0.1"])
            listener.close()
            client.close()
        }
    }

    @Test("A busy port has its own typed error, and nothing stays open.")
    func reportsABusyPort() throws {
        try withLoop { loop in
            let first = try TCPListener(on: loop, host: "127.0.0.1", port: 0) { stream, _ in stream.close() }
            let error = #expect(throws: UVError.self) {
                try TCPListener(on: loop, host: "127.0.0.1", port: first.port) { stream, _ in stream.close() }
            }
            #expect(error?.isAddressInUse == true)
            #expect(error?.name == "EADDRINUSE")
            first.close()
        }
    }

    @Test("A foreign address and an unknown name are typed errors.")
    func reportsWrongAddresses() throws {
        try withLoop { loop in
            let foreign = #expect(throws: UVError.self) {
                try TCPListener(on: loop, host: "192.0.2.1", port: 0) { stream, _ in stream.close() }
            }
            #expect(foreign?.isAddressNotAvailable == true)
            let unknown = #expect(throws: UVError.self) {
                try TCPListener(on: loop, host: "no such name", port: 0) { stream, _ in stream.close() }
            }
            #expect(unknown?.call == "getaddrinfo")
        }
    }

    @Test("A port can be bound again right after its listener and its connections were closed.")
    func rebindsAtOnce() throws {
        try withLoop { loop in
            var accepted = 0
            let first = try TCPListener(on: loop, host: "127.0.0.1", port: 0) { stream, _ in
                accepted += 1
                stream.close()
            }
            let client = Client(port: first.port)
            try run(loop, until: { accepted == 1 })
            first.close()
            loop.runOnce()
            let second = try TCPListener(on: loop, host: "127.0.0.1", port: first.port) { stream, _ in stream.close() }
            #expect(second.port == first.port)
            second.close()
            client.close()
        }
    }

    @Test("Many connections at once are accepted in portions, so that a turn stays short; none is lost.")
    func acceptsInPortions() throws {
        try withLoop { loop in
            var accepted = 0
            var maxPerTurn = 0
            let listener = try TCPListener(on: loop, host: "127.0.0.1", port: 0) { stream, _ in
                accepted += 1
                stream.close()
            }
            let clients = (0..<200).map { _ in Client(port: listener.port) }
            while accepted < clients.count {
                let before = accepted
                loop.runOnce(waiting: true)
                maxPerTurn = max(maxPerTurn, accepted - before)
            }
            #expect(maxPerTurn <= Listener.acceptsPerTurn)
            listener.close()
        }
    }
}

@Suite struct PipeListenerTests {
    private func freshPath() -> String { "/tmp/plugboard-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock" }

    @Test("A Unix socket works like a TCP one, its peer is \"unix\", and closing removes its file.")
    func listens() throws {
        try withLoop { loop in
            let path = freshPath()
            let recorder = Recorder()
            var peers: [String] = []
            let listener = try PipeListener(on: loop, path: path) { stream, peer in
                peers.append(peer)
                recorder.take(stream)
            }
            let client = Client(path: path)
            client.send([1, 2, 3])
            try run(loop, until: { recorder.bytes.count == 3 })
            #expect(peers == ["unix"])
            recorder.write([4])
            #expect(client.read() == [4])
            recorder.close()
            listener.close()
            #expect(access(path, F_OK) != 0)
            client.close()
        }
    }

    /// One after the other: the mask is the whole process's.
    @Test("The file's mode is 0600 or the requested one, also when the process's mask is empty; the mask does not change.")
    func hasAMode() throws {
        for mode in [0o600, 0o660, 0o666, 0o606] as [UInt32] {
            try withLoop { loop in
                let path = freshPath()
                let before = umask(0)
                let listener = try PipeListener(on: loop, path: path, mode: mode, group: getegid()) { stream, _ in stream.close() }
                #expect(umask(before) == 0)
                var status = stat()
                #expect(lstat(path, &status) == 0)
                #expect(status.st_mode & 0o7777 == mode_t(mode))
                #expect(status.st_gid == getegid())
                listener.close()
            }
        }
    }

    @Test("A group can be given by name and by number.")
    func knowsGroups() {
        #expect(SystemGroup.identifier(of: "root") == 0)
        #expect(SystemGroup.identifier(of: "1234") == 1234)
        for text in ["", "no such group", "-1", "4294967295", "99999999999"] { #expect(SystemGroup.identifier(of: text) == nil, "\(text)") }
    }

    @Test("A socket file without a listener is replaced.")
    func replacesAStaleFile() throws {
        try withLoop { loop in
            let path = freshPath()
            let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
            #expect(status == 0)
            close(dead)
            var accepted = 0
            let listener = try PipeListener(on: loop, path: path) { stream, _ in
                accepted += 1
                stream.close()
            }
            let client = Client(path: path)
            try run(loop, until: { accepted == 1 })
            listener.close()
            client.close()
        }
    }

    @Test("A live listener is not disturbed, and a file of another kind is not changed.")
    func leavesOthersAlone() throws {
        try withLoop { loop in
            let path = freshPath()
            let first = try PipeListener(on: loop, path: path) { stream, _ in stream.close() }
            let busy = #expect(throws: UVError.self) { try PipeListener(on: loop, path: path) { stream, _ in stream.close() } }
            #expect(busy?.isAddressInUse == true)
            #expect(access(path, F_OK) == 0)
            first.close()
            let file = freshPath()
            close(open(file, O_CREAT | O_WRONLY, 0o600))
            let occupied = #expect(throws: UVError.self) { try PipeListener(on: loop, path: file) { stream, _ in stream.close() } }
            #expect(occupied?.isAddressInUse == true)
            #expect(access(file, F_OK) == 0)
            unlink(file)
        }
    }

    @Test("A path that does not fit a socket address is refused, not cut.")
    func refusesALongPath() throws {
        try withLoop { loop in
            let error = #expect(throws: UVError.self) {
                try PipeListener(on: loop, path: "/tmp/" + String(repeating: "x", count: 120)) { stream, _ in stream.close() }
            }
            #expect(error?.name == "ENAMETOOLONG")
        }
    }
}
