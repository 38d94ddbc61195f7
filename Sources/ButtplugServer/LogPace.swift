// How often a kind of event may be written to a log: first in full, then counted.
// Must not know what a line says, nor read a clock.

import Host

/// Bounds the lines of each kind of event to one a second in the long run, regardless of what comes from outside.
///
/// A few events of a kind are written one by one. Further ones are counted: one of them is kept as an example and comes due with the count.
/// Equal events (of those kinds that say what makes events equal) are counted from the second one on, and come due less and less often, at
/// most once a minute, while they go on. The kinds are the program's own: their names must not hold anything from outside.
public struct LogPace<Line> {
    private struct Kind {
        let name: String
        let burst: Int
        /// Lines that may be written at once.
        var tokens: Int
        var tokensAt: Instant
        /// What the last line was about, when it was written, and until when equal events are only counted.
        var said: String?
        var saidAt = Instant.zero
        var quiet = Interval.seconds(1)
        /// Events since then that have no line yet, one of them, and when it comes due.
        var held: UInt64 = 0
        var example: (line: Line, detail: String?)?
        var due = Instant.never
    }

    /// In the order of their first events; there are as many as the program has names for.
    private var kinds: [Kind] = []
    private static var tokenTime: Interval { .seconds(1) }
    private static var quietMax: Interval { .seconds(60) }
    /// Equal events with this much time between them count as new again.
    private static var memory: Interval { .seconds(600) }
    /// How many lines of a kind may follow each other at once.
    public static var burst: Int { 20 }
    public static var burstOfRefusals: Int { 5 }

    public init() {}

    /// When `takeDue` has something.
    public var deadline: Instant { kinds.reduce(.never) { min($0, $1.due) } }

    /// An event. Returns its line when it is to be written now; counts it otherwise.
    /// - Parameters:
    ///   - name: The kind, a name of the program's own.
    ///   - detail: What makes two events of the kind equal; nil for transitions, of which each is of interest.
    ///   - now: When it happened.
    ///   - line: Makes its line, if that is wanted.
    public mutating func offer(_ name: String, _ detail: String?, at now: Instant, line: () -> Line) -> Line? {
        let index = index(of: name, detail == nil ? Self.burst : Self.burstOfRefusals, at: now)
        refill(index, at: now)
        let isEqual = detail != nil && detail == kinds[index].said
        if isEqual, now < kinds[index].saidAt + kinds[index].quiet { return hold(index, detail, at: now, line) }
        let isOther = detail != nil && detail != kinds[index].example?.detail
        guard kinds[index].tokens > 0, kinds[index].held == 0 || isOther else { return hold(index, detail, at: now, line) }
        say(index, detail, goesOn: isEqual && now < kinds[index].saidAt + Self.memory, at: now)
        return line()
    }

    /// An example of counted events that has come due, and how many events it represents.
    public mutating func takeDue(at now: Instant) -> (line: Line, count: UInt64)? {
        guard let index = kinds.firstIndex(where: { $0.due <= now }), let example = kinds[index].example else { return nil }
        refill(index, at: now)
        guard kinds[index].tokens > 0 else {
            kinds[index].due = kinds[index].tokensAt + Self.tokenTime
            return takeDue(at: now)
        }
        let count = kinds[index].held
        kinds[index].held = 0
        kinds[index].example = nil
        kinds[index].due = .never
        say(index, example.detail, goesOn: example.detail != nil && example.detail == kinds[index].said, at: now)
        return (example.line, count)
    }

    /// The next example of counted events, whether it has come due or not: for the end.
    public mutating func takeHeld() -> (line: Line, count: UInt64)? {
        guard let index = kinds.firstIndex(where: { $0.example != nil }), let example = kinds[index].example else { return nil }
        let count = kinds[index].held
        kinds[index].held = 0
        kinds[index].example = nil
        kinds[index].due = .never
        return (example.line, count)
    }

    private mutating func index(of name: String, _ burst: Int, at now: Instant) -> Int {
        if let index = kinds.firstIndex(where: { $0.name == name }) { return index }
        kinds.append(Kind(name: name, burst: burst, tokens: burst, tokensAt: now))
        return kinds.count - 1
    }

    private mutating func refill(_ index: Int, at now: Instant) {
        let gained = max(0, (now - kinds[index].tokensAt).nanoseconds / Self.tokenTime.nanoseconds)
        kinds[index].tokensAt = kinds[index].tokensAt + Self.tokenTime * gained
        kinds[index].tokens = Int(min(Int64(kinds[index].burst), Int64(kinds[index].tokens) + gained))
    }

    private mutating func say(_ index: Int, _ detail: String?, goesOn: Bool, at now: Instant) {
        // A full bucket gains nothing, so its next token is a whole second away.
        if kinds[index].tokens == kinds[index].burst { kinds[index].tokensAt = now }
        kinds[index].tokens -= 1
        kinds[index].quiet = goesOn ? min(kinds[index].quiet * 2, Self.quietMax) : Self.tokenTime
        kinds[index].said = detail
        kinds[index].saidAt = now
    }

    private mutating func hold(_ index: Int, _ detail: String?, at now: Instant, _ line: () -> Line) -> Line? {
        kinds[index].held += 1
        // The most useful example is one that differs from what was written last.
        let isBetter = kinds[index].example.map { $0.detail == kinds[index].said && detail != kinds[index].said } ?? true
        if isBetter {
            kinds[index].example = (line(), detail)
            let isEqual = detail != nil && detail == kinds[index].said
            kinds[index].due = max(now, kinds[index].saidAt + (isEqual ? kinds[index].quiet : Self.tokenTime))
        }
        return nil
    }
}
