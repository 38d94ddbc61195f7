// What to do when the router starts and something is not as it could be: the port is another server's, or there are no devices.
// Must not decide anything; these are words, each with the command to type.

/// The one migration step, in words: apps look for a server on port 12345, so another server moves and is fronted.
enum StartHints {
    /// Why `serve` ends when its port is taken.
    static func busyPort(_ port: UInt16, _ taker: PortTaker) -> String { "port \(port) is taken \(taker.words). \(freeing(port, taker))" }

    /// Why `serve` ends when a port is taken on which a server that dials out was to be waited for.
    static func busyDeviceHost(_ port: UInt16, _ taker: PortTaker) -> String {
        "device-host: port \(port) is taken \(taker.words). End that program, or change the port in the url of this [[upstream]]"
    }

    /// What to do about a port that another program has.
    static func freeing(_ port: UInt16, _ taker: PortTaker) -> String {
        let other = port == 12_346 ? 12_347 : 12_346
        let elsewhere = "give this one another port with --port \(other)"
        switch taker {
        case .plugboard: return "`plugboard status` shows what it is doing. End that one, or \(elsewhere)"
        case .program(let holder?) where holder.isIntiface: return capitalized(moving(to: other))
        case .program: return "End that program, or \(elsewhere). If it is Intiface, \(moving(to: other))"
        }
    }

    private static func moving(to port: Int) -> String {
        "move it to port \(port)"
            + " (Intiface Central: Settings, Server Port; Intiface Engine: --websocket-port \(port)) and put Plugboard in front of it:"
            + " plugboard serve --upstream ws://127.0.0.1:\(port)"
    }

    private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// What to do about a router that has no devices and never will have.
    static let noDevices =
        "to front Intiface, move it to port 12346 and start: plugboard serve --upstream ws://127.0.0.1:12346;"
        + " to try Plugboard out: plugboard serve --simulate rabbit,stroker"

    /// What to do about a default admin address that another program has.
    /// - Parameter isPage: It is the page's; otherwise the socket's, which the commands use first.
    static func takenAdmin(isPage: Bool) -> String {
        isPage
            ? "end that program and start this one again, or give this one's page another address: [admin] listen = [\"unix\","
                + " \"http://127.0.0.1:12381\"], or PLUGBOARD_ADMIN_LISTEN=unix,http://127.0.0.1:12381"
            : "commands such as `plugboard stop` reach the router that has it, not this one: end that one and start this one again, or give"
                + " this one its own with [admin] listen = [\"unix:///FOLDER/admin.sock\"], which commands name with --socket"
    }
}

/// Who has a port.
enum PortTaker: Hashable {
    /// A router, and its process as far as that is known.
    case plugboard(Int32?)
    /// Another program; nil: one that this user cannot look at.
    case program(PortHolder?)

    /// "by intiface-engine (process 4711)".
    var words: String {
        switch self {
        case .plugboard(let process): "by another Plugboard\(process.map { ", process \($0)" } ?? "")"
        case .program(let holder): "by \(holder.map { "\($0)" } ?? "another program")"
        }
    }
}

extension PortTaker {
    /// Looks at who listens, and asks the admin addresses where a router of another user may be. Each has a second; an end can wait for
    /// that.
    static func find(_ port: UInt16, _ environment: [String: String]) -> PortTaker {
        guard let holder = PortHolder.find(port) else {
            return AdminClient.usual(environment).hasRouter(on: port) ? .plugboard(nil) : .program(nil)
        }
        return holder.isPlugboard ? .plugboard(holder.process) : .program(holder)
    }
}
