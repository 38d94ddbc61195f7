// What to do when the router starts and something is not as it could be: the port is another server's, or there are no devices.
// Must not decide anything; these are words, each with the command to type.

/// The one migration step, in words: apps look for a server on port 12345, so another server moves and is fronted.
enum StartHints {
    /// Why `serve` ends when its port is taken.
    /// - Parameter holder: The program that has it, as far as that is known.
    static func busyPort(_ port: UInt16, holder: String?) -> String {
        "port \(port) is taken\(holder.map { " by \($0)" } ?? ""). \(freeing(port))"
    }

    /// What to do about a port that another program has.
    static func freeing(_ port: UInt16) -> String {
        let other = port == 12_346 ? 12_347 : 12_346
        return "If that is Intiface, move it to port \(other)"
            + " (Intiface Central: Settings, Server Port; Intiface Engine: --websocket-port \(other)) and put Plugboard in front of it:"
            + " plugboard serve --upstream ws://127.0.0.1:\(other). If not, give Plugboard another port with --listen"
    }

    /// What to do about a router that has no devices and never will have.
    static let noDevices =
        "to front Intiface, move it to port 12346 and start: plugboard serve --upstream ws://127.0.0.1:12346;"
        + " to try Plugboard out: plugboard serve --simulate rabbit,stroker"
}
