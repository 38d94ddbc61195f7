// The whole path in this process: frames decoded, the router's core and runner, a simulated device, replies written to links.
// Must not know sockets: a link gets the same bytes as a socket would.

import Devices
import Host
import Router

final class RouterBench {
    let host = MemoryHost()
    let backend: EmbeddedBackend
    let runner: RouterRunner
    let links: [MemoryLink]
    let ids: [LinkID]

    /// Sessions of one version, each after its handshake and with its device list.
    init(sessions: Int, version: Int = 4, devices: String = "dual", limit: Int = 20_000) {
        var settings = RouterSettings()
        settings.limits.sessions = limit
        settings.limits.sessionsPerAddress = limit
        backend = DeviceSteps.simulated(devices)
        runner = RouterRunner(settings, backends: [backend], host: host)
        let links = (0..<sessions).map { _ in MemoryLink() }
        self.links = links
        ids = links.map { [runner, host] in runner.opened($0, from: Peer(address: "127.0.0.1", listener: "bench"), at: host.now) }
        endTurn()
        for session in 0..<sessions {
            say(Texts.handshake(version), session)
            // Clients of older versions may only name devices that the server has listed for them.
            if version < 4 { say(#"[{"RequestDeviceList":{"Id":2}}]"#, session) }
            if session % 256 == 255 { endTurn() }
        }
        endTurn()
    }

    func say(_ text: String, _ session: Int) {
        Array(text.utf8).withUnsafeBytes { runner.received(RawSpan(_unsafeBytes: $0), from: ids[session], at: host.now) }
    }

    func endTurn() {
        host.now = host.now + .milliseconds(1)
        runner.turnEnded(at: host.now)
    }

    /// Messages sent to all links so far.
    var sent: Int { links.reduce(0) { $0 + $1.messages } }
}
