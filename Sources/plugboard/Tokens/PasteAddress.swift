// The address that a token's holder pastes into an app, which can be told nothing else.
// Must not log it: it holds the secret.

import Admin
import Guard
import Platform

/// The addresses of one token.
struct PasteAddress {
    /// One for each listener that other machines can reach, or else for each there is.
    let all: [String]

    /// - Parameter all: As a router has made them.
    init(_ all: [String]) { self.all = all }

    init(_ listeners: [String], secret: String) {
        let addresses = listeners.filter { ($0.hasPrefix("ws://") || $0.hasPrefix("wss://")) && !$0.hasSuffix(":0") }
        let open = addresses.filter { !Self.isLoopback($0) }
        var seen: [String] = []
        for address in (open.isEmpty ? addresses : open).map(Self.named) where !seen.contains(address) { seen.append(address) }
        all = seen.map { "\($0)/?token=\(secret)" }
    }

    private var open: [String] { all.filter { !Self.isLoopback($0) } }

    /// QR codes of those that another machine reaches.
    var codes: [QRCode] { open.compactMap { QRCode($0) } }

    /// What is to be known before one is passed on.
    var warning: String? {
        guard open.contains(where: { $0.hasPrefix("ws://") }) else { return nil }
        return """
            A ws:// address crosses the network readable: who can read there can take the token and use it. \
            Use wss:// (docs/tls.md), or a private network.
            """
    }

    /// What to do with them.
    var advice: String {
        guard !all.isEmpty else { return "Put ?token=… with it at the end of the router's address.\n" }
        let note =
            open.isEmpty ? "Other machines reach this router only through a proxy, or when server.listen names an address of theirs.\n" : ""
        return "The address to paste into the app:\n\n" + all.map { "  \($0)\n" }.joined() + (note.isEmpty ? "" : "\n" + note)
    }

    /// Without the path, and with this computer's name in place of "every address".
    private static func named(_ address: String) -> String {
        var address = address.hasSuffix("/") ? String(address.dropLast()) : address
        for wildcard in ["://0.0.0.0:", "://[::]:"] {
            guard let range = address.firstRange(of: wildcard) else { continue }
            address.replaceSubrange(range, with: "://\(computerName):")
        }
        return address
    }

    /// Read once: the loop opens no file while it runs.
    static let computerName: String = {
        let bytes = SystemFiles.read("/proc/sys/kernel/hostname") ?? []
        let name = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        return name.isEmpty ? "HOST" : name
    }()

    private static func isLoopback(_ address: String) -> Bool {
        ["://127.", "://localhost:", "://[::1]:"].contains { address.contains($0) }
    }
}

extension NewToken {
    /// A token with the addresses at which these listeners take it.
    init(_ view: TokenView, _ secret: TokenSecret, at listeners: [String]) {
        let paste = PasteAddress(listeners, secret: secret.text)
        self.init(view: view, secret: secret, addresses: paste.all, codes: paste.codes.map(\.rows), warning: paste.warning)
    }
}
