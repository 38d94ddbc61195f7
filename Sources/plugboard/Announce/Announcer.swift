// Lets apps on the network find the router: a connection to the system's D-Bus on the loop, opened again when it ends.
// Must not know what is said on it, nor wait for anything.

import DBus
import Host
import Logging
import UV
import UVHost

extension Settings {
    /// Why `announce` does nothing; nil when it does, or is not wanted.
    var announceTrouble: String? {
        // Apps that look for a server dial what they find without TLS.
        let isReached = listen.contains { text in (try? Endpoint(text, for: .listening)).map { !$0.isLocal && !$0.isSecure } ?? false }
        return announce && !isReached ? Announcer.nobodyReachesIt : nil
    }
}

/// Announces one service for as long as it is open.
final class Announcer: ByteTransportOwner {
    private let loop: Loop
    private let path: String
    private let service: AvahiConversation.Service
    private let logger: Logger
    private var conversation: AvahiConversation
    private var connector: Connector?
    private var stream: ByteStream?
    private var timer: Timer?
    private var isClosed = false
    /// Why nothing is announced was said; it is said once, until something is.
    private var isTroubleTold = false

    static let nobodyReachesIt = "only this computer reaches the addresses in [server] listen that begin in ws://"
    private static let pauseMilliseconds: UInt64 = 10_000

    init(_ service: AvahiConversation.Service, busAt path: String, on loop: Loop, _ logger: Logger) {
        (self.service, self.path, self.loop, self.logger) = (service, path, loop, logger)
        conversation = AvahiConversation(service)
    }

    /// The socket of the system's bus.
    static func busPath(_ environment: [String: String]) -> String { DBusNames.systemBus(environment) }

    func start() {
        conversation = AvahiConversation(service)
        let connector = Connector(on: loop, path: path) { [weak self] stream, _, error in self?.connected(stream, error) }
        self.connector = connector
        if let error = connector.start() { connected(nil, error) }
    }

    /// Takes it back: with the connection Avahi forgets the service.
    func close() {
        isClosed = true
        connector?.cancel()
        stream?.reset()
        timer?.close()
        (connector, stream, timer) = (nil, nil, nil)
    }

    private func connected(_ stream: ByteStream?, _ error: UVError?) {
        connector = nil
        guard let stream else {
            tell("D-Bus at \(path): \(error?.sentence ?? "no answer")")
            return startLater()
        }
        self.stream = stream
        stream.start(for: self)
        send()
    }

    private func send() {
        let bytes = conversation.takeOutput()
        if !bytes.isEmpty, let stream { bytes.withUnsafeBytes { stream.write($0) } }
        for event in conversation.takeEvents() {
            switch event {
            case .announced(let name):
                isTroubleTold = false
                logger.notice("announced on the network", metadata: ["name": .string(name), "port": "\(service.port)"])
            case .absent: tell("Avahi does not run")
            case .refused(let reason): tell("Avahi: \(reason)")
            }
        }
    }

    private func tell(_ reason: String) {
        guard !isTroubleTold, !isClosed else { return }
        isTroubleTold = true
        logger.warning("not announced on the network", metadata: ["reason": .string(reason)])
    }

    private func startLater() {
        guard !isClosed else { return }
        if timer == nil { timer = try? Timer(on: loop) { [weak self] in self?.start() } }
        timer?.start(afterMilliseconds: Self.pauseMilliseconds)
    }

    private func drop(_ reason: String) {
        guard let stream else { return }
        self.stream = nil
        stream.reset()
        tell(reason)
        startLater()
    }

    // MARK: The connection

    func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        do throws(DBusMessage.Malformed) {
            try conversation.receive(UnsafeRawBufferPointer(bytes).bytes)
            send()
        } catch { drop("D-Bus at \(path) refuses, or is not D-Bus") }
        return bytes.count
    }

    func transportEnded(_ error: UVError?) { drop("D-Bus at \(path) has ended the connection") }
    func transportDrained() {}
}
