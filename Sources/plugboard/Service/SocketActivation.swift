// Which sockets a service manager has passed, by the variables of sd_listen_fds(3).
// Must not know sockets; it reads the variables.

/// Sockets by what they are for.
struct SocketActivation: Hashable {
    /// Descriptors that apps connect to, and those of the admin interface.
    var client: [Int32] = []
    var admin: [Int32] = []

    struct Malformed: Error, Hashable { var reason: String }

    /// The first descriptor that is passed.
    private static let first: Int32 = 3
    static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

    /// Nothing when the variables are not there, or are another process's. A socket without a name is for apps.
    init(_ variables: [String: String], process: Int32) throws(Malformed) {
        guard let owner = variables["LISTEN_PID"], Int32(owner) == process, let text = variables["LISTEN_FDS"] else { return }
        guard let count = Int32(text), (0...1_024).contains(count) else {
            throw Malformed(reason: "LISTEN_FDS is \(quoted(text)), not a number of sockets")
        }
        let names = (variables["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        for index in 0..<Int(count) {
            let name = index < names.count ? names[index] : ""
            switch name {
            case "client", "", "unknown", "plugboard.socket": client.append(Self.first + Int32(index))
            case "admin": admin.append(Self.first + Int32(index))
            default:
                throw Malformed(
                    reason: "a socket that was passed is named \(quoted(name)): write FileDescriptorName=client or FileDescriptorName=admin"
                )
            }
        }
    }
}
