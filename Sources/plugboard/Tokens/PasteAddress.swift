// The address that a token's holder pastes into an app, which can be told nothing else.
// Must not log it: it holds the secret.

import Platform

enum PasteAddress {
    /// One for each listener that other machines can reach, or else for each there is.
    static func all(_ listeners: [String], secret: String) -> [String] {
        let addresses = listeners.filter { ($0.hasPrefix("ws://") || $0.hasPrefix("wss://")) && !$0.hasSuffix(":0") }
        let open = addresses.filter { !isLoopback($0) }
        var seen: [String] = []
        for address in (open.isEmpty ? addresses : open).map(named) where !seen.contains(address) { seen.append(address) }
        return seen.map { "\($0)/?token=\(secret)" }
    }

    /// What to do with them.
    static func advice(_ addresses: [String], secret: String) -> String {
        guard !addresses.isEmpty else { return "Put ?token=… with it at the end of the router's address.\n" }
        let isLocal = addresses.allSatisfy(isLoopback)
        let note =
            isLocal ? "Other machines reach this router only through a proxy, or when server.listen names an address of theirs.\n" : ""
        return "The address to paste into the app:\n\n" + addresses.map { "  \($0)\n" }.joined() + (note.isEmpty ? "" : "\n" + note)
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

    private static var computerName: String {
        let bytes = SystemFiles.read("/proc/sys/kernel/hostname") ?? []
        let name = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        return name.isEmpty ? "HOST" : name
    }

    private static func isLoopback(_ address: String) -> Bool {
        ["://127.", "://localhost:", "://[::1]:"].contains { address.contains($0) }
    }
}
