// Readers of the router's event streams, that come, read, are slow and go; what each has been told is compared with a fresh snapshot.
// Must not look at the router but by the admin interface.

import Admin
import Host
import HTTP
import SimHost

/// Event streams with their readers.
final class SimulatedWatchers {
    private struct Reader {
        var state = ReplayedState()
        var levels: Interval?
        var levelsAt: Instant?
        /// Takes nothing for now: what it was sent, and when.
        var isSlow: Bool
        var queue: [(text: [UInt8], at: Instant)] = []
        var queued: Int { queue.reduce(0) { $0 + $1.text.count } }
    }

    private let host: SimHost
    private let monitor: Monitor
    private let target: any AdminTarget
    private let service: AdminService
    private var random: SimRandom
    private var streams = EventStreams()
    /// In the order of their coming.
    private var readers: [(number: UInt64, reader: Reader)] = []
    private var nextAt = Instant.zero
    /// Whether they are told at the end of every turn, and not a few times a second.
    private var isClose = false
    /// What a reader gets of what was sent; a test loses something here.
    var path: ([UInt8]) -> [UInt8] = { $0 }

    init(_ host: SimHost, _ monitor: Monitor, _ target: any AdminTarget, _ service: AdminService, seed: UInt64) {
        self.host = host
        self.monitor = monitor
        self.target = target
        self.service = service
        random = SimRandom(seed: seed)
    }

    /// Somebody opens a stream, maybe with levels; maybe it reads nothing for a while.
    func open() {
        if readers.isEmpty { isClose = random.happens(1, of: 2) }
        var request = HTTPRequest("GET", "/v1/events")
        let hasLevels = random.happens(1, of: 2)
        let rate = random.within(1...30)
        if hasLevels { request.query = [HTTPRequest.Parameter(name: "levels", value: "\(rate)")] }
        guard case .events(let response, let levels) = service.answer(request, from: AdminOrigin(isUnix: false)) else {
            return monitor.check(.watched, false, "no event stream was opened")
        }
        var reader = Reader(levels: levels, isSlow: random.happens(1, of: 4))
        take(response.body, &reader)
        readers.append((streams.open(levels: levels, service), reader))
        monitor.note("stream \(readers[readers.count - 1].number) opens")
    }

    /// One that reads nothing begins to read, or one of them goes.
    func change() {
        guard !readers.isEmpty else { return }
        let index = Int(random.below(UInt64(readers.count)))
        if readers[index].reader.isSlow {
            readers[index].reader.isSlow = false
            let late = readers[index].reader.queue
            readers[index].reader.queue = []
            for (text, at) in late { read(text, at: at, &readers[index].reader) }
        } else {
            monitor.note("stream \(readers[index].number) closes")
            streams.close(readers[index].number)
            readers.remove(at: index)
        }
    }

    var count: Int { readers.count }

    /// The turn has ended: everybody is told what has changed, when it is time, and then knows what there is.
    func turnEnded() {
        guard !readers.isEmpty, isClose || host.now >= nextAt else { return }
        nextAt = host.now + EventStreams.pace
        let words = streams.advance(service) { number in readers.first { $0.number == number }?.reader.queued ?? 0 }
        for (number, word) in words {
            guard let index = readers.firstIndex(where: { $0.number == number }) else { continue }
            switch word {
            case .push(let text): take(text, &readers[index].reader)
            case .cut:
                let queued = readers[index].reader.queued
                monitor.check(.watched, queued > EventStreams.queuedBytes, "a stream with \(queued) bytes to read was cut")
                readers.remove(at: index)
            }
        }
        if words.isEmpty, !random.happens(1, of: 8) { return }
        compare()
    }

    private func take(_ text: [UInt8], _ reader: inout Reader) {
        if reader.isSlow {
            reader.queue.append((text, host.now))
        } else {
            read(text, at: host.now, &reader)
        }
    }

    private func read(_ text: [UInt8], at sent: Instant, _ reader: inout Reader) {
        let problem = reader.state.apply(path(text), at: sent)
        monitor.check(.watched, problem == nil, problem ?? "")
        guard reader.state.hasLevels else { return }
        let isDue = reader.levels.map { interval in reader.levelsAt.map { sent - $0 >= interval } ?? true } ?? false
        monitor.check(.watched, isDue, "a stream was told levels that it did not ask for, or too often")
        reader.levelsAt = sent
    }

    private func compare() {
        guard case .events(let response, _) = service.answer(HTTPRequest("GET", "/v1/events"), from: AdminOrigin(isUnix: true)) else {
            return
        }
        var fresh = ReplayedState()
        _ = fresh.apply(response.body, at: host.now)
        for (number, reader) in readers where !reader.isSlow {
            let difference = reader.state.difference(from: fresh, at: host.now)
            monitor.check(.watched, difference == nil, "stream \(number): \(difference ?? "")")
        }
        for session in target.outline.sessions { monitor.checkRights(session) }
    }
}
