// The bus of a cell over a real nats-server, on a real loop.

import Foundation
import Host
import Members
import NATS
import Testing
import UVHost

/// What a bus has told.
private final class Listener: BusOwner {
    var told: [String] = []
    func busOpened(at now: Instant) { told.append("opened") }
    func received(_ payload: RawSpan, on subject: String, at now: Instant) {
        told.append("\(subject): \(payload.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })")
    }
    func missed(_ reply: String, at now: Instant) { told.append("missed \(reply)") }
    func busLost(at now: Instant) { told.append("lost") }
}

@Suite("The bus over Debian's nats-server", .enabled(if: natsServer != nil, "nats-server is not installed: scripts/setup --unit"))
struct NATSBusTests {
    private func bus(_ name: String, _ server: RealServer, on host: UVHost) -> NATSBus {
        NATSBus([server.address], name: name, on: host, seed: 3) { server, id, owner in
            // Loopback: the connection is there at once, or refused.
            let stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = server.port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isThere = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(stream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
            }
            guard isThere, fcntl(stream, F_SETFL, O_NONBLOCK) == 0 else {
                close(stream)
                return nil
            }
            return host.open(.passed(stream), as: id, for: owner)
        }
    }

    private func publish(_ bus: NATSBus, _ subject: String, reply: String? = nil, _ text: String) {
        Array(text.utf8).withUnsafeBytes { bus.publish(subject, reply: reply, $0) }
        bus.flush()
    }

    private func run(_ host: UVHost, until holds: () -> Bool) throws {
        let end = RealClient.now + 30_000_000_000
        while !holds() {
            guard RealClient.now < end else { throw Missing(what: "it does not come") }
            host.loop.runOnce(waiting: true)
        }
    }

    @Test("Two members receive from each other, are told at once that nobody listens, and are back when the server is.")
    func carries() throws {
        let server = try RealServer()
        let host = try UVHost()
        let (one, two) = (Listener(), Listener())
        let (first, second) = (bus("one", server, on: host), bus("two", server, on: host))
        first.open(["plug.home.here.*", "plug.home.miss.one.*"], for: one)
        second.open(["plug.home.to.two.*"], for: two)
        try run(host) { one.told.contains("opened") && two.told.contains("opened") }
        publish(first, "plug.home.to.two.one", "hello")
        try run(host) { two.told.contains("plug.home.to.two.one: hello") }
        publish(first, "plug.home.to.three.one", reply: "plug.home.miss.one.three", "hello")
        try run(host) { one.told.contains("missed plug.home.miss.one.three") }
        server.kill9()
        try run(host) { one.told.contains("lost") && two.told.contains("lost") }
        publish(first, "plug.home.to.two.one", "into the void")
        try server.start()
        try run(host) { one.told.last == "opened" && two.told.last == "opened" }
        publish(first, "plug.home.to.two.one", "again")
        try run(host) { two.told.contains("plug.home.to.two.one: again") }
        #expect(!two.told.contains("plug.home.to.two.one: into the void"))
        first.leave()
        second.leave()
    }
}
