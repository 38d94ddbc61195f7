// What a client receives without having asked, and the sequences it comes in.
// Must not know how events are kept until somebody takes them; `EventBuffer` does.

import Buttplug
import Host

/// Something that happened. Later versions may add cases: a `switch` over it should have a `default`.
public enum ClientEvent: Sendable {
    /// A device is there: found, or switched on.
    case deviceAdded(Device)
    /// A device is gone: lost, switched off, or the connection is.
    case deviceRemoved(Device)
    /// All devices there are now; follows what was added and removed.
    case deviceList([Device])
    /// A scan has ended by itself.
    case scanningFinished
    /// A subscribed sensor reports.
    case reading(Reading)
    /// The server says something went wrong that is no answer to a call.
    case error(ClientError)
    /// The connection is over. Without reconnection nothing comes after it.
    case disconnected(CloseReason)
    /// The connection is back. Every output rests and every subscription has ended.
    case reconnected

    var isReading: Bool { if case .reading = self { true } else { false } }
}

/// What a sensor said.
public struct Reading: Hashable, Sendable {
    /// The device's index.
    public let device: UInt32
    /// The feature's index on the device.
    public let feature: UInt32
    /// What is measured.
    public let type: InputType
    /// One value per axis, in the range the feature gives.
    public let values: [Int32]
}

/// A client's events, from the moment it was made. Ends with the connection, or after `disconnect` when the client reconnects by itself.
///
/// It is bounded (`ClientOptions.eventsMax`): a reader that is too slow misses the oldest readings. Every sequence has its own events; the
/// iterators of one share them.
public struct ClientEvents: AsyncSequence, Sendable {
    /// Events.
    public typealias Element = ClientEvent
    /// It ends, and does not fail.
    public typealias Failure = Never

    let tap: EventTap

    /// How many events were dropped because nobody took them in time.
    public var dropped: Int {
        get async { await tap.client.dropped(tap.id) }
    }

    /// An iterator; several share what comes.
    public func makeAsyncIterator() -> Iterator { Iterator(tap: tap) }

    /// Takes one after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let tap: EventTap

        /// The next event; nil when there will be none, or when the task was cancelled.
        public func next() async -> ClientEvent? { await tap.client.next(tap.id) }

        /// The next event; nil when there will be none, or when the task was cancelled.
        public func next(isolation actor: isolated (any Actor)?) async -> ClientEvent? { await tap.client.next(tap.id) }
    }
}

/// A subscription: the readings of one sensor. It is unsubscribed when the sequence and its iterators are dropped, and ends when the device
/// or the connection is gone.
public struct Readings: AsyncSequence, Sendable {
    /// Readings.
    public typealias Element = Reading
    /// It ends, and does not fail.
    public typealias Failure = Never

    let tap: EventTap

    /// How many readings were dropped because nobody took them in time.
    public var dropped: Int {
        get async { await tap.client.dropped(tap.id) }
    }

    /// An iterator; several share what comes.
    public func makeAsyncIterator() -> Iterator { Iterator(tap: tap) }

    /// Takes one after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let tap: EventTap

        /// The next reading; nil when there will be none, or when the task was cancelled.
        public func next() async -> Reading? { await tap.client.nextReading(tap.id) }

        /// The next reading; nil when there will be none, or when the task was cancelled.
        public func next(isolation actor: isolated (any Actor)?) async -> Reading? { await tap.client.nextReading(tap.id) }
    }
}

/// Keeps one buffer of a client alive for as long as somebody may read it.
final class EventTap: Sendable {
    let client: ButtplugClient
    let id: UInt64

    init(_ client: ButtplugClient, _ id: UInt64) {
        self.client = client
        self.id = id
    }

    deinit {
        client.world.post { [client, id] in client.assumeIsolated { $0.close(id) } }
    }
}
