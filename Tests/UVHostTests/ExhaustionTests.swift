// No free descriptors, in a process of its own, because the limit is for a whole process.
// Must not change the limits of the tests' own process.

import Glibc
import Testing

@Suite struct ExhaustionTests {
    /// The folder the products are built into: the test's own executable is there, or one level down in a bundle.
    private static var echo: String? {
        var room = [UInt8](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &room, room.count)
        var candidates: [String] = []
        for path in [String(decoding: room[0..<max(0, count)], as: UTF8.self)] + CommandLine.arguments {
            var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            while parts.count > 1, candidates.count < 64 {
                candidates.append(parts.joined(separator: "/") + "/Echo")
                parts = parts.dropLast()
            }
        }
        return candidates.first { access($0, X_OK) == 0 && $0.contains("/debug/") || access($0, X_OK) == 0 && $0.contains("/release/") }
    }

    /// Starts Echo with at most `descriptors` descriptors; returns its process and port.
    private func start(_ program: String, descriptors: Int) throws -> (process: pid_t, port: UInt16) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // The test may run on a thread that blocks signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        let words = [program, "--port", "0", "--descriptors", "\(descriptors)"]
        var arguments = words.map { strdup($0) } + [nil]
        try #require(posix_spawn(&process, program, &actions, &attributes, &arguments, environ) == 0)
        for argument in arguments { free(argument) }
        posix_spawnattr_destroy(&attributes)
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        defer { close(ends[0]) }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(ends[0], &byte, 1) == 1, byte != 10 { line.append(byte) }
        let port = String(decoding: line, as: UTF8.self).split(separator: ":").last.flatMap { UInt16($0) }
        return (process, try #require(port))
    }

    @Test(
        "Without free descriptors new connections are closed and old ones served; when some close, new ones are accepted again.",
        .enabled(if: ExhaustionTests.echo != nil))
    func recovers() throws {
        // Enough for ten clients also when the child inherits descriptors of tests that run at the same time.
        let (process, port) = try start(try #require(Self.echo), descriptors: 60)
        defer {
            kill(process, SIGTERM)
            var status: Int32 = 0
            waitpid(process, &status, 0)
            #expect(status == 0)
        }
        var clients: [WebClient] = []
        var shed = false
        for _ in 0..<60 where !shed {
            let client = try WebClient(port: port, upgrading: false)
            client.send(WebClient.upgrade)
            if client.readHead() == nil { shed = true } else { clients.append(client) }
        }
        #expect(shed)
        #expect(clients.count > 10)
        for client in clients {
            client.send(WebClient.text("still served"))
            #expect(client.readFrame()?.text == "still served")
        }
        for client in clients {
            client.send(WebClient.closeFrame(1000))
            #expect(client.readFrame()?.status == 1000)
            client.close()
        }
        // The listener's pause is shorter than the client's time limit.
        let after = try WebClient(port: port)
        after.send(WebClient.text("again"))
        #expect(after.readFrame()?.text == "again")
        after.close()
    }
}
