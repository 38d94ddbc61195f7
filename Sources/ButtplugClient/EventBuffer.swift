// What has happened and was not taken yet, for one reader; bounded.
// Must not know what it is filled with, beyond which events may go first.

import Buttplug

/// A sensor as readings name it.
struct SensorKey: Hashable {
    var device: UInt32
    var feature: UInt32
    var type: InputType
}

/// One reader's events. Confined to the loop.
final class EventBuffer {
    let id: UInt64
    /// The only sensor whose readings are kept; nil: everything is.
    let sensor: SensorKey?
    private let capacity: Int
    private var events: [ClientEvent] = []
    private var readers: [(token: UInt64, continuation: CheckedContinuation<ClientEvent?, Never>)] = []
    private var isFinished = false
    private(set) var dropped = 0

    init(id: UInt64, sensor: SensorKey?, capacity: Int) {
        self.id = id
        self.sensor = sensor
        self.capacity = max(1, capacity)
    }

    func put(_ event: ClientEvent) {
        guard !isFinished else { return }
        guard readers.isEmpty else { return readers.removeFirst().continuation.resume(returning: event) }
        if events.count >= capacity {
            events.remove(at: events.firstIndex(where: \.isReading) ?? 0)
            dropped += 1
        }
        events.append(event)
    }

    /// Nothing will come any more; what waits can still be taken.
    func finish() {
        isFinished = true
        for reader in readers { reader.continuation.resume(returning: nil) }
        readers.removeAll()
    }

    func take(_ token: UInt64, _ continuation: CheckedContinuation<ClientEvent?, Never>) {
        if !events.isEmpty {
            continuation.resume(returning: events.removeFirst())
        } else if isFinished {
            continuation.resume(returning: nil)
        } else {
            readers.append((token, continuation))
        }
    }

    func cancel(_ token: UInt64) {
        guard let index = readers.firstIndex(where: { $0.token == token }) else { return }
        readers.remove(at: index).continuation.resume(returning: nil)
    }
}
