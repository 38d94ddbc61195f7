// A router in front of an upstream router, both in virtual time: the clients are at the front router, the devices and the journal at the
// upstream router. Must not know their messages to each other.

import ButtplugServer
import Devices
import Host
import Router
import SimHost

/// A router without devices in front of an upstream router with some.
final class Chain {
    /// Where the upstream router listens.
    static let upstream = Endpoint.webSocket(host: "there", port: 12_345)

    let host: SimHost
    let journal = Journal()
    let log = LogMemory()
    private(set) var front: ButtplugServer
    private(set) var back: ButtplugServer
    private let devices: String
    private let rules: RuleTable

    init(
        _ devices: String = "plug", seed: UInt64 = 7, state: RouterState = RouterState(), rules: RuleTable = RuleTable(),
        change: (SimHost) -> Void = { _ in }
    ) throws {
        self.devices = devices
        self.rules = rules
        host = SimHost(seed: seed)
        change(host)
        back = try Self.makeBack(host, devices, rules, journal)
        host.listen(at: Self.upstream, owner: back.owner)
        var configuration = ServerConfiguration()
        configuration.upstreams = [Self.upstream]
        front = ButtplugServer(configuration, state: state, on: host, logger: log.logger())
        host.run(for: .seconds(1))
    }

    private static func makeBack(_ host: SimHost, _ devices: String, _ rules: RuleTable, _ journal: Journal) throws -> ButtplugServer {
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list(devices)
        configuration.deviceOptions.presentAtStart = true
        configuration.router.rules = rules
        return ButtplugServer(configuration, on: host, journal: journal)
    }

    /// The upstream router's process is killed.
    func kill() {
        host.stopListening(at: Self.upstream)
        host.resetConnections(to: Self.upstream)
        host.run(for: .milliseconds(100))
    }

    /// Another process takes its place.
    func restart() throws {
        back = try Self.makeBack(host, devices, rules, journal)
        host.listen(at: Self.upstream, owner: back.owner)
    }
}
