// What somebody sends to be let in: an HTTP head, or something else, from an address, with what the models know of it.
// Must not read a head; the product does.

import SimHost

/// Where a connection comes from.
struct SimulatedAddress: Hashable {
    /// As the kernel writes it.
    var text: String
    /// What counts as one address: an IPv4 address, the /64 of an IPv6 one, or a word.
    var group: String
    /// Only this computer is there.
    var isOwn = false

    static let own = SimulatedAddress(text: "127.0.0.1", group: "127.0.0.1", isOwn: true)
    /// A proxy that is trusted to name others.
    static let proxy = SimulatedAddress(text: "10.9.9.9", group: "10.9.9.9")
    /// The group of all that a proxy forwards that is not trusted to name them.
    static let hidden = "forwarded"

    static func v4(_ network: Int, _ number: Int) -> SimulatedAddress {
        let text = "198.\(network).\(number >> 8 & 255).\(number & 255)"
        return SimulatedAddress(text: text, group: text)
    }

    /// Some address of a network of 64 bits.
    static func v6(_ network: Int, _ random: inout SimRandom) -> SimulatedAddress {
        let network = "2001:db8:0:" + String(network, radix: 16)
        let rest = (0..<4).map { _ in String(1 + random.below(0xffff), radix: 16) }
        return SimulatedAddress(text: network + ":" + rest.joined(separator: ":"), group: network + "/64")
    }
}

/// What is sent.
struct SimulatedHead {
    enum Kind: Equatable {
        /// Wants to become a session.
        case upgrade
        /// The same for a name of this computer that it does not know.
        case foreignHost
        /// The same, from a web page of another origin.
        case foreignOrigin
        /// `GET /`.
        case page
        /// Not a head; with the status that it is answered with, 0 for none.
        case nonsense(status: Int)
    }

    var kind = Kind.upgrade
    var address: SimulatedAddress
    /// A proxy says that it comes from there.
    var forwardedFor: SimulatedAddress?
    /// The token that it shows, and in which of four ways.
    var secret: String?
    var carrier = 0
    /// The bytes of nonsense.
    var nonsense: [UInt8] = []

    /// Whether it is a program of this computer, and nothing says that it forwards.
    var isLocal: Bool { address.isOwn && forwardedFor == nil }

    /// What counts as its address.
    var group: String {
        guard let forwardedFor else { return address.group }
        if address == .proxy { return forwardedFor.group }
        return address.isOwn ? SimulatedAddress.hidden : address.group
    }

    var bytes: [UInt8] {
        var target = "/"
        var lines = [kind == .foreignHost ? "Host: evil.example" : "Host: localhost:12345"]
        switch kind {
        case .nonsense: return nonsense
        case .page: break
        case .foreignOrigin: lines.append("Origin: http://evil.example")
        case .upgrade, .foreignHost: break
        }
        if kind != .page {
            lines += [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ]
        }
        if let forwardedFor { lines.append("X-Forwarded-For: \(forwardedFor.text)") }
        if let secret {
            switch carrier {
            case 0: target = "/?token=\(secret)"
            case 1: target = "/t/\(secret)"
            case 2: lines.append("Authorization: Bearer \(secret)")
            default: lines.append("Sec-WebSocket-Protocol: buttplug, plugboard.token.\(secret)")
            }
        }
        return Array((["GET \(target) HTTP/1.1"] + lines + ["", ""]).joined(separator: "\r\n").utf8)
    }

    /// The bytes in at most `count` pieces.
    func pieces(_ count: Int, _ random: inout SimRandom) -> [[UInt8]] {
        let bytes = bytes
        var cuts = (1..<count).map { _ in Int(random.below(UInt64(bytes.count))) } + [0, bytes.count]
        cuts.sort()
        return zip(cuts, cuts.dropFirst()).filter { $0 < $1 }.map { Array(bytes[$0..<$1]) }
    }

    /// What is no head.
    static func nonsense(from address: SimulatedAddress, _ random: inout SimRandom) -> SimulatedHead {
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        let start = "GET / HTTP/1.1\r\nHost: localhost\r\n"
        let known: [(bytes: [UInt8], status: Int)] = [
            ([0x16, 0x03, 0x01, 0x02, 0x00], 0), (text("GET / HTTP/1.1\nHost: localhost\n\n"), 400), (text(start + " folded\r\n"), 400),
            (text(start + "X: \u{1}\r\n"), 400), (text("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"), 400),
            (text(start + String(repeating: "A: b\r\n", count: 100)), 431),
            (text(start + "A: " + String(repeating: "b", count: 17_000)), 431),
            ((0..<40).map { _ in UInt8(random.below(0x16)) }, 400),
        ]
        let (bytes, status) = random.pick(known)
        return SimulatedHead(kind: .nonsense(status: status), address: address, nonsense: bytes)
    }
}
