// A nats-server of the system's, started by a test, and clients that talk to it over real sockets.
import COpenSSL
import Foundation
import Testing

@testable import NATS

/// The program that is started; nil when it is not installed (`scripts/setup --unit` does that).
let natsServer: String? = (["/usr/sbin", "/usr/local/bin", "/usr/bin"] as [String]).map { "\($0)/nats-server" }
    .first { access($0, X_OK) == 0 }

/// One server with a folder of its own, on a port that it chooses. Ends with the test.
final class RealServer {
    private let folder: URL
    private var process = Process()
    /// What it writes; it writes little.
    private var log = Pipe()
    private(set) var port = 0

    /// - Parameter settings: What its configuration file says, but for the address.
    init(_ settings: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("nats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try settings.write(to: folder.appendingPathComponent("nats.conf"), atomically: true, encoding: .utf8)
        try start()
    }

    deinit {
        if process.isRunning { signal(SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts it, again on the port that it had.
    func start() throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: natsServer ?? "")
        process.arguments = [
            "-c", folder.appendingPathComponent("nats.conf").path, "-a", "127.0.0.1", "-p", port == 0 ? "-1" : "\(port)",
        ]
        process.standardOutput = FileHandle.nullDevice
        log = Pipe()
        process.standardError = log
        try process.run()
        // It says in its log where it listens, and then that it does.
        var said = ""
        while !said.contains("Server is ready") {
            let more = log.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Missing(what: "nats-server does not start: \(said)") }
            said += String(decoding: more, as: UTF8.self)
        }
        let place = "client connections on 127.0.0.1:"
        guard let found = said.range(of: place), let number = Int(said[found.upperBound...].prefix { $0.isNumber }) else {
            throw Missing(what: "nats-server does not say where it listens: \(said)")
        }
        port = number
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Ends it at once, and waits until it is gone.
    func kill9() {
        signal(SIGKILL)
        process.waitUntilExit()
    }

    var address: NATSServer { NATSServer(host: "127.0.0.1", port: UInt16(port)) }
}

struct Missing: Error, CustomStringConvertible {
    var what: String
    var description: String { what }
}

/// A session on a real socket. `until` runs it, and others with it.
final class RealClient {
    var session: NATSSession
    private(set) var told: [Told] = []
    private var stream: Int32 = -1
    private var isConnecting = false
    private var unsent: [UInt8] = []
    /// Of `unsent`, what the system has taken.
    private var sentCount = 0
    /// Does not read, as a process that hangs.
    var isDeaf = false

    init(
        _ servers: [RealServer], _ credentials: NATSCredentials = .none, to subjects: [String] = ["to.me.*"],
        _ change: (inout NATSSession.Settings) -> Void = { _ in }
    ) {
        var settings = NATSSession.Settings(
            servers: servers.map(\.address), name: "attic", credentials: credentials, subscriptions: subjects.map { NATSSubject($0)! },
            seed: 11)
        change(&settings)
        session = NATSSession(settings)
        session.start(at: Self.now)
        drain()
    }

    deinit { if stream >= 0 { close(stream) } }

    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    var dials: [String] { told.compactMap { if case .dial(let server) = $0 { server } else { nil } } }
    func forgetTold() { told = [] }

    /// Publishes; false when the session does not.
    @discardableResult
    func publish(_ subject: String, _ payload: String, reply: String? = nil) -> Bool {
        let isTaken = Array(payload.utf8).withUnsafeBytes {
            session.publish(NATSSubject(subject)!, reply: reply.map { NATSSubject($0)! }, $0)
        }
        drain()
        return isTaken
    }

    func leave() {
        session.leave(at: Self.now)
        drain()
    }

    /// Writes bytes as they are, past the session.
    func write(_ text: String) {
        unsent += Array(text.utf8)
        flush()
    }

    // MARK: The loop

    /// Runs these clients until something holds.
    /// - Throws: When it does not within half a minute.
    static func run(_ clients: RealClient..., until holds: () -> Bool) throws {
        let end = now + 30_000_000_000
        while !holds() {
            guard now < end else { throw Missing(what: "still waiting: \(clients.map { "\($0.session.state) \($0.told)" })") }
            var polled = clients.map {
                pollfd(fd: $0.isDeaf ? -1 : $0.stream, events: Int16(POLLIN | ($0.wantsRoom ? POLLOUT : 0)), revents: 0)
            }
            let deadline = clients.map { $0.session.deadline }.min() ?? .max
            let time = now
            let wait = deadline <= time ? 0 : min((deadline - time) / 1_000_000 + 1, 200)
            poll(&polled, nfds_t(polled.count), Int32(wait))
            for (client, one) in zip(clients, polled) { client.turn(one.revents) }
        }
    }

    private var wantsRoom: Bool { isConnecting || !unsent.isEmpty }

    private func turn(_ events: Int16) {
        if events & Int16(POLLOUT) != 0, events & Int16(POLLHUP | POLLERR) == 0, isConnecting {
            isConnecting = false
            session.connected(at: Self.now)
        }
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read() } else if events & Int16(POLLOUT) != 0 { flush() }
        if session.deadline <= Self.now {
            session.deadlinePassed(at: Self.now)
            drain()
        }
    }

    private func read() {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(stream, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            drain(Array(bytes[..<count]))
        } else if count == 0 || errno != EAGAIN {
            let wasConnecting = isConnecting
            hangUp()
            session.closed(wasConnecting ? .unreachable : .closed, at: Self.now)
            drain()
        }
    }

    /// Heeds what the session says, and sends what it wrote.
    private func drain(_ bytes: [UInt8] = []) {
        bytes.withUnsafeBytes { buffer in
            var at = 0
            while true {
                switch session.next(in: buffer, at: &at, now: Self.now) {
                case .needMore: return
                case .message(let one): told.append(.message(text(one.subject), text(one.payload), status: one.status))
                case .event(let event):
                    told.append(Told(event))
                    switch event {
                    case .dial(let server): dial(server)
                    case .ended: hangUp()
                    default: break
                    }
                }
            }
        }
        unsent += Array(session.output)
        session.outputSent()
        flush()
    }

    private func dial(_ server: NATSServer) {
        hangUp()
        stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(stream, F_SETFL, O_NONBLOCK)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = server.port.bigEndian
        address.sin_addr.s_addr = inet_addr(server.host)
        isConnecting = true
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(stream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    private func hangUp() {
        if stream >= 0 { close(stream) }
        (stream, isConnecting, unsent, sentCount) = (-1, false, [], 0)
    }

    private func flush() {
        guard stream >= 0, !isConnecting, !unsent.isEmpty else { return }
        let count = unsent.withUnsafeBytes {
            send(stream, $0.baseAddress! + sentCount, $0.count - sentCount, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
        if count > 0 { sentCount += count }
        if sentCount == unsent.count { (unsent, sentCount) = ([], 0) }
    }
}

/// A key pair of a user of NATS, of which the server knows the public half.
struct RealKey {
    let seedText: String
    let publicText: String

    /// - Parameter number: Another key for each.
    init(_ number: UInt8) throws {
        var raw: [UInt8] = [18 << 3 | NKey.user >> 5, (NKey.user & 31) << 3] + [UInt8](repeating: number, count: 32)
        let sum = CRC16.of(raw[...])
        raw += [UInt8(truncatingIfNeeded: sum), UInt8(truncatingIfNeeded: sum >> 8)]
        seedText = Base32.encode(raw)
        let key = try Self.key(seedText)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        let isKnown = EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1
        try #require(isKnown && count == 32)
        publicText = NKey.publicText(bytes)
    }

    private static func key(_ seedText: String) throws -> OpaquePointer? {
        let seed = try NKeySeed(seedText).bytes
        return EVP_PKEY_new_raw_private_key(NID_ED25519, nil, seed, seed.count)
    }

    /// As the router is to have them: the seed's text is all that is kept.
    var credentials: NATSCredentials {
        let seedText = seedText
        return .key(publicText: publicText) { nonce in
            guard let key = try? Self.key(seedText), let context = EVP_MD_CTX_new() else { return nil }
            defer {
                EVP_PKEY_free(key)
                EVP_MD_CTX_free(context)
            }
            var signature = [UInt8](repeating: 0, count: 64)
            var count = signature.count
            guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
                EVP_DigestSign(context, &signature, &count, nonce, nonce.count) == 1
            else { return nil }
            return signature
        }
    }
}
