// Who watches, and what each is sent when: events for all, levels for those who asked for them and keep up.
// Must not know connections: their owner states how much each has not taken yet, and sends.

import Host

/// The event streams of one router.
public struct EventStreams {
    /// What becomes of a stream now.
    public enum Word: Hashable, Sendable {
        case push([UInt8])
        /// Its reader takes too little: the stream is over.
        case cut
    }

    private struct Stream {
        var number: UInt64
        /// How often it gets levels; nil: never.
        var levels: Interval?
        var levelsAt: Instant
        /// The look at the levels that it has been told of.
        var levelLook: UInt64
        var lastSentAt: Instant
    }

    private var streams: [Stream] = []
    private var feed = AdminFeed()
    private var lastNumber: UInt64 = 0

    /// How often watchers are told what has changed.
    public static let pace = Interval.milliseconds(100)
    /// Bytes that wait for a reader: with `levelBytes` it gets no levels, with `queuedBytes` it is cut off.
    public static let levelBytes = 64 * 1_024
    public static let queuedBytes = 4 << 20
    /// A stream without events sends a comment, so that no proxy takes it for dead.
    private static let aliveInterval = Interval.seconds(15)

    public init() {}

    public var isEmpty: Bool { streams.isEmpty }

    /// A stream begins with the answer that `service` has just given. Returns the number by which it is known here.
    public mutating func open(levels: Interval?, _ service: AdminService) -> UInt64 {
        let now = service.target.now
        if streams.isEmpty { feed = AdminFeed(at: service) }
        feed.joined(service)
        lastNumber += 1
        streams.append(Stream(number: lastNumber, levels: levels, levelsAt: now, levelLook: feed.levelLooks, lastSentAt: now))
        return lastNumber
    }

    public mutating func close(_ number: UInt64) { streams.removeAll { $0.number == number } }

    public mutating func closeAll() { streams = [] }

    /// What each stream is sent now.
    /// - Parameter queued: The bytes that a stream's reader has not taken yet.
    public mutating func advance(_ service: AdminService, queued: (UInt64) -> Int) -> [(number: UInt64, word: Word)] {
        guard !streams.isEmpty else { return [] }
        let now = service.target.now
        let changes = feed.advance(service)
        var texts = LevelTexts(events: changes)
        var words: [(number: UInt64, word: Word)] = []
        for index in streams.indices {
            let waiting = queued(streams[index].number)
            if waiting > Self.queuedBytes {
                words.append((streams[index].number, .cut))
                continue
            }
            var text = changes
            if let interval = streams[index].levels, streams[index].levelsAt <= now, waiting < Self.levelBytes {
                text = texts.text(after: streams[index].levelLook, &feed, service)
                streams[index].levelLook = feed.levelLooks
                if text.count > changes.count { streams[index].levelsAt = now + interval }
            }
            if text.isEmpty, now - streams[index].lastSentAt >= Self.aliveInterval { text = Array(": alive\n\n".utf8) }
            guard !text.isEmpty else { continue }
            streams[index].lastSentAt = now
            words.append((streams[index].number, .push(text)))
        }
        for (number, word) in words where word == .cut { close(number) }
        return words
    }
}

/// The events of one instant with the levels that follow them: streams that were told the same before share one text.
private struct LevelTexts {
    let events: [UInt8]
    private var look: UInt64?
    private var text: [UInt8] = []

    init(events: [UInt8]) { self.events = events }

    mutating func text(after look: UInt64, _ feed: inout AdminFeed, _ service: AdminService) -> [UInt8] {
        if self.look == nil { feed.lookAtLevels(service) }
        if look != self.look {
            text = events + feed.levels(after: look)
            self.look = look
        }
        return text
    }
}
