// The admin interface of a running router: listeners, requests, event streams, and their time.
// Must not decide anything about the router; `AdminService` answers, and this carries the answers.

import Admin
import Guard
import HTTP
import Host
import Logging
import UV
import UVHost

/// Answers on all admin listeners. Everything happens on the host's thread.
final class AdminHub: HTTPAnswerer {
    private let host: UVHost
    private let service: AdminService
    private let clock: AdminClock
    private(set) var listeners: [HTTPListener] = []
    private var streams = EventStreams()
    private var watchers: [UInt64: HTTPConnection] = [:]
    private var waiting: [UInt64: HTTPConnection] = [:]
    private var measuredAt = Instant.zero
    /// What encrypted addresses ask for; nil: nothing.
    private var token: TokenDigest?
    private var guesses = AdminGuesses()
    /// Told of requests with a wrong token: the client's address, and what was wrong.
    var onRefused: (String, String) -> Void = { _, _ in }

    init(_ host: UVHost, _ service: AdminService) {
        self.host = host
        self.service = service
        clock = AdminClock(on: host)
        service.onLater = { [unowned self] number, response in waiting.removeValue(forKey: number)?.respond(response) }
        clock.onTick = { [unowned self] in tick() }
    }

    func add(_ listener: HTTPListener) {
        listeners.append(listener)
        service.pages = listeners.filter { !$0.isUnix && $0.address.hasPrefix("http:") }.map(\.address)
    }

    /// Accepts no more, and ends every stream.
    func close() {
        for listener in listeners { listener.close() }
        listeners = []
        streams.closeAll()
        watchers = [:]
        clock.close()
    }

    /// Takes certificate and token of a configuration. The addresses stay until a restart, and so does their need of both.
    func configured(_ loaded: LoadedSettings) {
        if let fresh = loaded.adminToken {
            // A new token takes from the old one what it has opened, event streams too.
            if let token, !token.isSame(as: fresh) { for listener in listeners where listener.isSecure { listener.cutAll() } }
            token = fresh
        }
        for listener in listeners { listener.allow(hosts: loaded.settings.allowedHosts) }
        guard let context = loaded.tls else { return }
        for listener in listeners { listener.renew(context) }
    }

    // MARK: Requests

    func requested(_ request: HTTPRequest, by connection: HTTPConnection) {
        let origin = origin(of: request, by: connection)
        connection.isKnown = connection.isKnown || origin.isAllowed
        switch service.answer(request, from: origin) {
        case .response(let response): connection.respond(response)
        case .later(let number): waiting[number] = connection
        case .events(let response, let levels):
            watchers[streams.open(levels: levels, service)] = connection
            connection.stream(response)
        }
        clock.wantsTicks(!streams.isEmpty || service.deadline != .never, pace: EventStreams.pace)
    }

    private func origin(of request: HTTPRequest, by connection: HTTPConnection) -> AdminOrigin {
        guard connection.isSecure else { return AdminOrigin(isUnix: connection.isUnix) }
        let (origin, told) = guesses.origin(
            of: request, token: token, isLocal: connection.isLocal, from: connection.peer, at: host.now)
        if let told { onRefused(connection.peer, told) }
        return origin
    }

    func ended(_ connection: HTTPConnection) {
        for (number, watcher) in watchers where watcher === connection {
            watchers[number] = nil
            streams.close(number)
        }
        for (number, waiter) in waiting where waiter === connection { waiting[number] = nil }
    }

    // MARK: Time

    private func tick() {
        let now = host.now
        service.deadlinePassed()
        if now - measuredAt >= .seconds(1) {
            measuredAt = now
            service.measure()
            for listener in listeners { listener.checkDeadlines() }
        }
        tellWatchers()
        clock.wantsTicks(!streams.isEmpty || service.deadline != .never, pace: EventStreams.pace)
    }

    private func tellWatchers() {
        for (number, word) in streams.advance(service, queued: { watchers[$0]?.queuedBytes ?? 0 }) {
            switch word {
            case .push(let text): watchers[number]?.push(text)
            case .cut: watchers.removeValue(forKey: number)?.cut()
            }
        }
    }
}
