// The admin interface of a running router: listeners, requests, event streams, and their time.
// Must not decide anything about the router; `AdminService` answers, and this carries the answers.

import Admin
import HTTP
import Host
import Logging
import UV
import UVHost

/// Answers on all admin listeners. Everything happens on the host's thread.
final class AdminHub: HTTPAnswerer {
    private struct Stream {
        var connection: HTTPConnection
        /// How often it gets levels; nil: never.
        var levels: Interval?
        var levelsAt: Instant
        var lastSentAt: Instant
    }

    private let host: UVHost
    private let service: AdminService
    private let clock: AdminClock
    private(set) var listeners: [HTTPListener] = []
    private var streams: [Stream] = []
    private var waiting: [UInt64: HTTPConnection] = [:]
    private var feed = AdminFeed()
    private var measuredAt = Instant.zero

    /// How often watchers are told what has changed.
    private static let pace = Interval.milliseconds(100)
    /// A reader that is so far behind gets no levels, and one that is farther behind is cut off.
    private static let levelBytes = 64 * 1_024
    private static let queuedBytes = 4 << 20
    /// A stream that has nothing to say says so, lest something in between takes it for dead.
    private static let aliveInterval = Interval.seconds(15)

    init(_ host: UVHost, _ service: AdminService) {
        self.host = host
        self.service = service
        clock = AdminClock(on: host)
        service.onLater = { [unowned self] number, response in waiting.removeValue(forKey: number)?.respond(response) }
        clock.onTick = { [unowned self] in tick() }
    }

    func add(_ listener: HTTPListener) { listeners.append(listener) }

    /// Accepts no more, and ends every stream.
    func close() {
        for listener in listeners { listener.close() }
        listeners = []
        streams = []
        clock.close()
    }

    // MARK: Requests

    func requested(_ request: HTTPRequest, by connection: HTTPConnection) {
        switch service.answer(request, from: AdminOrigin(isUnix: connection.isUnix)) {
        case .response(let response): connection.respond(response)
        case .later(let number): waiting[number] = connection
        case .events(let response, let levels):
            if streams.isEmpty { feed = AdminFeed(at: service) }
            feed.joined(service)
            streams.append(Stream(connection: connection, levels: levels, levelsAt: host.now, lastSentAt: host.now))
            connection.stream(response)
        }
        clock.wantsTicks(!streams.isEmpty || service.deadline != .never, pace: Self.pace)
    }

    func ended(_ connection: HTTPConnection) {
        streams.removeAll { $0.connection === connection }
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
        if !streams.isEmpty { tellWatchers(at: now) }
        clock.wantsTicks(!streams.isEmpty || service.deadline != .never, pace: Self.pace)
    }

    private func tellWatchers(at now: Instant) {
        let (news, levels) = feed.advance(service, withLevels: streams.contains { $0.levels != nil })
        for index in streams.indices.reversed() where index < streams.count {
            var text = news
            let queued = streams[index].connection.queuedBytes
            if queued > Self.queuedBytes {
                streams[index].connection.cut()
                continue
            }
            if let interval = streams[index].levels, streams[index].levelsAt <= now, queued < Self.levelBytes {
                text += levels
                streams[index].levelsAt = now + interval
            }
            if text.isEmpty, now - streams[index].lastSentAt >= Self.aliveInterval { text = Array(": alive\n\n".utf8) }
            guard !text.isEmpty else { continue }
            streams[index].lastSentAt = now
            streams[index].connection.push(text)
        }
    }
}
