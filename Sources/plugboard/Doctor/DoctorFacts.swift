// What is the case on this computer, as far as it matters to apps: plain values.
// Must not say whether it is good, nor know how it was found out.

/// Everything that `DoctorChecks` wants to know.
struct DoctorFacts {
    enum Configuration: Hashable {
        /// No file, only defaults, variables and flags; where one would be read from.
        case none([String])
        case loaded(String)
        case refused([String])
    }

    enum Port: Hashable {
        case free
        /// Who has it, as far as that is known, and whether that is a router.
        case taken(by: PortHolder?, isRouter: Bool)
        case impossible(String)
    }

    /// Something to listen on.
    struct Place: Hashable {
        /// As it is written.
        var address: String
        /// nil for a Unix socket.
        var port: UInt16?
        var state: Port
        /// Apps connect there; otherwise a server that dials out does, or a device.
        var isForApps = true
    }

    /// What apps find: what is configured, or what a running router has.
    struct Devices: Hashable {
        var devices = 0
        /// Other servers that may show more.
        var upstreams = 0
        /// Ways to hardware that are configured: Bluetooth, serial ports, programs that may dial in.
        var ways = 0
        var isRunning = false
    }

    struct Upstream: Hashable {
        var address: String
        /// Why it does not answer.
        var trouble: String?
    }

    enum Certificate: Hashable {
        case none
        /// The file, and in how many days it ends.
        case good(String, days: Int64)
        /// What is wrong, with its file.
        case bad(String)
    }

    enum State: Hashable {
        /// The environment names no place for it.
        case homeless
        /// It was said that nothing be kept.
        case unwanted
        case file(String, trouble: String?)
    }

    enum Admin: Hashable {
        /// The router's version.
        case answers(at: String, version: String)
        case nobody([String])
        case refused(String)
    }

    struct Serial: Hashable {
        enum State: Hashable {
            case good
            case absent
            /// It is a file of another kind.
            case noLine
            /// For this user; the group that may use it, where it has a name.
            case closed(group: String?)
            case held(PortHolder)
        }
        var path: String
        /// A device of the configuration is at it; otherwise it is only there.
        var isConfigured = false
        var state = State.good
    }

    struct Adapter: Hashable {
        enum Block: Hashable { case none, soft, hard }
        var name: String
        var isPowered = true
        var block = Block.none
    }

    struct Bluetooth: Hashable {
        enum Daemon: Hashable {
            /// Nobody wants it, and there is no adapter.
            case unasked
            case noBus(String)
            case silentBus(String, String)
            case absent
            case forbidden
            case answers([Adapter])
        }
        /// The configuration turns it on; with this adapter, or with any.
        var isWanted = false
        var wantedAdapter: String?
        /// As the kernel lists them.
        var adapters: [String] = []
        var daemon = Daemon.unasked
    }

    var configuration = Configuration.none([])
    var places: [Place] = []
    /// The hosts of the places, `localhost` as its two addresses.
    var hosts: Set<String> = []
    var upstreams: [Upstream] = []
    var devices = Devices()
    var certificate = Certificate.none
    /// The file of `client_ca`, and in how many days its first authority ends.
    var clientAuthorities: (file: String, days: Int64)?
    /// What `localhost` stands for, in the order that programs get it.
    var localhost = ["127.0.0.1"]
    var state = State.homeless
    /// The serial ports of the configuration, then others that are there.
    var serial: [Serial] = []
    var bluetooth = Bluetooth()
    var year = 2025
    /// nil: no service reports it.
    var isClockSynchronised: Bool?
    var descriptors = 1 << 20
    var sessions = 0
    var admin = Admin.nobody([])
}
