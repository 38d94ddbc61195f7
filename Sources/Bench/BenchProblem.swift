// Everything that can keep a run from being made, in words that say what to do.
// Must not know exit codes; the command line has them.

import Host

/// Why there is no measurement.
public enum BenchProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// An option's value, or options that do not go together.
    case badOption(String)
    /// The server could not be reached.
    case unreachable(url: String, why: String)
    /// A handshake or a device list that failed.
    case refused(String)
    case noDevices(String)
    case nothingToDrive
    case noAxis
    case noSensor(Int)
    case oneOutputOnly
    case oneClientOnly(wanted: Int)
    case notAllClients(ready: Int, wanted: Int, why: String)
    case journal(String)
    case system(String)

    /// The server, not the command line, is at fault.
    public var isServers: Bool {
        switch self {
        case .badOption: false
        default: true
        }
    }

    public var description: String {
        switch self {
        case .badOption(let text): text
        case .unreachable(let url, let why):
            "no Buttplug server at \(url): \(why). Start one, like `plugboard serve --simulate 'dual*8'`, or name another:"
                + " `plugboard bench ws://HOST:PORT`"
        case .refused(let why): "the server refuses: \(why)"
        case .noDevices(let why): "the server has no devices\(why); start it with some, like plugboard serve --simulate 'dual*8'"
        case .nothingToDrive:
            "the server has no output that can be held (vibrate, rotate, …); start it with other devices, or try another --profile"
        case .noAxis: "the server has no axis to move; start it with one, like plugboard serve --simulate stroker, or try another --profile"
        case .noSensor(let spec): "the server has no sensor that can be asked in version \(spec); try another --spec, or another --profile"
        case .oneOutputOnly:
            "the stop profile needs two outputs: one that is stopped, another for the load; start the server with more devices"
        case .oneClientOnly(let wanted): "the server accepts only one client, and \(wanted) were asked for; use --clients 1"
        case .notAllClients(let ready, let wanted, let why): "\(ready) of \(counted(wanted, "client")) got a session, then: \(why)"
        case .journal(let why): "the journal: \(why)"
        case .system(let why): why
        }
    }
}
