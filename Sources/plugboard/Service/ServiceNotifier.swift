// The line to the service manager: sends what `ServiceNotices` decides to $NOTIFY_SOCKET, from the loop.
// Must not decide what is told, nor wait: what the manager does not take is dropped.

import ButtplugServer
import Host
import Platform
import UV
import UVHost

/// A loop that does not turn sends nothing, and the manager's watchdog sees that.
final class ServiceNotifier: TurnOwner {
    private let host: UVHost
    private let server: ButtplugServer
    private let socket: DatagramSocket
    private var notices: ServiceNotices
    private var alarm: (any Alarm)?
    private var alarmAt = Instant.never

    /// nil when no service manager has started this process.
    init?(_ variables: [String: String], on host: UVHost, _ server: ButtplugServer) throws(UVError) {
        guard let path = variables["NOTIFY_SOCKET"], !path.isEmpty else { return nil }
        socket = try DatagramSocket(to: path)
        self.host = host
        self.server = server
        notices = ServiceNotices(watchdogTime: Self.watchdogTime(variables, process: Launch.processNumber))
        alarm = host.attach(self)
    }

    /// How long the manager waits for a sign of this process; nil: it does not wait, or for another process.
    static func watchdogTime(_ variables: [String: String], process: Int32) -> Interval? {
        guard let microseconds = variables["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0, microseconds < 1 << 50
        else { return nil }
        if let text = variables["WATCHDOG_PID"], Int32(text) != process { return nil }
        return Interval(nanoseconds: microseconds * 1_000)
    }

    private var status: ServiceNotices.Status { .init(apps: server.sessionCount, devices: server.deviceCount) }

    private func send(_ text: String?) {
        if let text { socket.send(text) }
        guard notices.deadline != alarmAt else { return }
        alarmAt = notices.deadline
        alarm?.set(alarmAt)
    }

    func becameReady() { send(notices.becameReady(status, at: host.now)) }
    func reloadBegan() { send(notices.reloadBegan(monotonicMicroseconds: MonotonicClock.nanoseconds / 1_000)) }
    func reloadEnded() { send(notices.reloadEnded()) }
    func endBegan() { send(notices.endBegan()) }

    func turnEnded(at now: Instant) { send(notices.turned(status, at: now)) }
    func deadlinePassed(at now: Instant) { alarmAt = .never }
}
