// What a service manager is told, and when: the texts of sd_notify(3).
// Must not know sockets or clocks: the time comes in, texts go out.

import Host

/// Decides what is sent to the socket that `Type=notify` gives.
struct ServiceNotices {
    /// What people see of the service: "3 apps, 4 devices".
    struct Status: Hashable {
        var apps: Int
        var devices: Int
        var text: String { "\(counted(apps, "app")), \(counted(devices, "device"))" }
    }

    private enum Phase {
        /// Nothing listens yet. Can turn into: ready, stopping.
        case starting
        /// Apps can connect. Can turn into: reloading, stopping.
        case ready
        /// The configuration is read again. Can turn into: ready, stopping.
        case reloading
        /// The end has begun.
        case stopping
    }

    private var phase = Phase.starting
    /// nil: nobody watches.
    private let watchdogPace: Interval?
    private var watchdogAt = Instant.never
    /// What was told last, and what holds now.
    private var toldStatus: Status?
    private var status = Status(apps: 0, devices: 0)
    /// Statuses do not follow one another faster than this.
    private static let statusPace = Interval.seconds(1)
    private var statusAllowedAt = Instant.zero

    /// - Parameter watchdogTime: Without a sign for so long, the manager restarts the service; it gets one at half of that time.
    init(watchdogTime: Interval?) { watchdogPace = watchdogTime.map { Interval(nanoseconds: max($0.nanoseconds / 2, 1_000_000)) } }

    /// Apps can connect.
    mutating func becameReady(_ status: Status, at now: Instant) -> String {
        phase = .ready
        self.status = status
        if let watchdogPace { watchdogAt = now + watchdogPace }
        return "READY=1\n" + takeStatus(at: now)
    }

    /// The configuration is about to be read again.
    /// - Parameter microseconds: CLOCK_MONOTONIC, by which the manager orders its own requests.
    mutating func reloadBegan(monotonicMicroseconds microseconds: UInt64) -> String? {
        guard phase == .ready else { return nil }
        phase = .reloading
        return "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
    }

    /// The configuration was read, or refused and left as it was.
    mutating func reloadEnded() -> String? {
        guard phase == .reloading else { return nil }
        phase = .ready
        return "READY=1"
    }

    /// The end has begun.
    mutating func endBegan() -> String? {
        guard phase != .stopping else { return nil }
        phase = .stopping
        return "STOPPING=1\nSTATUS=setting outputs to zero"
    }

    /// A turn of the loop is over. Returns what to send.
    mutating func turned(_ status: Status, at now: Instant) -> String? {
        guard phase != .starting else { return nil }
        self.status = status
        var parts: [String] = []
        if now >= watchdogAt, let watchdogPace {
            watchdogAt = now + watchdogPace
            parts.append("WATCHDOG=1")
        }
        if isStatusNew, now >= statusAllowedAt { parts.append(takeStatus(at: now)) }
        return parts.isEmpty ? nil : parts.joined(separator: "\n")
    }

    /// When a turn is wanted at the latest.
    var deadline: Instant { isStatusNew ? min(watchdogAt, statusAllowedAt) : watchdogAt }

    private var isStatusNew: Bool { phase != .starting && phase != .stopping && status != toldStatus }

    private mutating func takeStatus(at now: Instant) -> String {
        toldStatus = status
        statusAllowedAt = now + Self.statusPace
        return "STATUS=\(status.text)"
    }
}
