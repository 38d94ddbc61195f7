// What a kind of load is made of: one row of the table has all of it.
// Must not know sockets or time, nor which kinds there are.

/// A kind of load.
public struct Profile: Sendable {
    /// How fast it goes over all clients when nobody says.
    enum Rate: Sendable {
        /// So many messages a second from each client.
        case client(Double)
        /// From each client to each held output.
        case output(Double)
        /// From each client to each axis.
        case axis(Double)
        /// From all clients together.
        case all(Double)
    }

    /// What its clients do beside sending what is due.
    enum Conduct: Hashable, Sendable {
        case steady
        /// Every message is a session: connect, greet, ask for the list, leave.
        case visiting
        /// They say nothing, until each is asked near the end whether it is alive.
        case silent
        /// Every fourth sends and never reads.
        case partlyDeaf
        /// How far apart they receive one reading is measured.
        case listening
        /// One more client tries stops meanwhile.
        case tryingStops
    }

    public let name: String
    /// One line for people.
    public let summary: String
    /// Clients when nobody says how many.
    let clients: Int
    private let rate: Rate
    let conduct: Conduct
    /// What its clients say to these devices; throws when the server has nothing for it.
    let script: @Sendable (DeviceCatalog, BenchSpec) throws(BenchProblem) -> ProfileScript

    init(
        _ name: String, _ summary: String, clients: Int = 64, _ rate: Rate, conduct: Conduct = .steady,
        _ script: @escaping @Sendable (DeviceCatalog, BenchSpec) throws(BenchProblem) -> ProfileScript
    ) {
        self.name = name
        self.summary = summary
        self.clients = clients
        self.rate = rate
        self.conduct = conduct
        self.script = script
    }

    /// nil when no row has this name.
    public init?(named name: String) {
        guard let row = Self.all.first(where: { $0.name == name }) else { return nil }
        self = row
    }

    /// Messages (or sessions) per second over all clients when nobody says.
    func rate(clients: Int, catalog: DeviceCatalog) -> Double {
        switch rate {
        case .client(let each): each * Double(clients)
        case .output(let each): each * Double(clients * max(1, catalog.held.count))
        case .axis(let each): each * Double(clients * max(1, catalog.moves.count))
        case .all(let all): all
        }
    }
}

extension Profile: Hashable {
    public static func == (a: Profile, b: Profile) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
