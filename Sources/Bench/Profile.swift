// The named loads: what each is, how fast it goes when nobody says, and what its clients say.
// Must not know sockets or time.

/// A kind of load.
public enum Profile: String, CaseIterable, Sendable {
    case busy, overlay, stroker, scan, sensors, storm, idle, conflict, slow, stop, mixed

    /// One line for people.
    public var summary: String {
        switch self {
        case .busy: "every client drives the held outputs in turn, 50 messages a second each"
        case .overlay: "every client writes all held outputs at once, 15 times a second, zeros included, like a game overlay"
        case .stroker: "every client streams moves to every axis, 30 a second each"
        case .scan: "clients start scans, end them and ask for the device list, 2 requests a second each"
        case .sensors: "every client subscribes to every sensor there is and reads one a second; how far apart the subscribers hear"
        case .storm: "connect, handshake, device list, leave; 100 sessions a second"
        case .idle: "clients that only stay, and are asked once at the end whether they are alive"
        case .conflict: "all clients drive the same output, 50 messages a second each"
        case .slow: "as busy, while every fourth client never reads what it is sent"
        case .stop: "time from a stop to the zero at the device, beside 64 overlays with 20,000 messages a second; needs --journal"
        case .mixed: "clients take turns at being busy, overlay, stroker, sensors, conflict and scan"
        }
    }

    /// Clients when nobody says how many.
    public var clientsDefault: Int {
        switch self {
        case .idle: 1000
        case .scan, .storm: 16
        default: 64
        }
    }

    /// Messages (`storm`: sessions) per second over all clients when nobody says.
    public func rateDefault(clients: Int, catalog: DeviceCatalog) -> Double {
        switch self {
        case .busy, .conflict, .slow, .mixed: Double(clients) * 50
        case .overlay: Double(clients * max(1, catalog.held.count)) * 15
        case .stroker: Double(clients * max(1, catalog.moves.count)) * 30
        case .scan: Double(clients) * 2
        case .sensors, .idle: Double(clients)
        case .storm: 100
        case .stop: 20_000
        }
    }
}

/// What a profile's clients say to these devices.
public struct ProfileScript: Sendable {
    /// Client `n` says `decks[n % decks.count]`, over and over.
    public var decks: [[Wording]]
    /// What every client says before the run; the device list comes first, because before version 4 a server goes by what it told.
    public var setup: [Wording] = [.requestDeviceList]
    /// How many messages of a client are due at once.
    public var burst = 1

    /// nil, with the reason, when the server has nothing for the profile.
    public static func make(_ profile: Profile, _ catalog: DeviceCatalog, _ spec: BenchSpec) -> Result<ProfileScript, BenchProblem> {
        do throws(BenchProblem) { return .success(try ProfileScript(profile, catalog, spec)) } catch { return .failure(error) }
    }

    init(_ profile: Profile, _ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) {
        switch profile {
        case .busy, .slow: decks = [try Self.busy(catalog.held)]
        case .overlay:
            decks = [try Self.overlay(catalog.held)]
            burst = catalog.held.count
        case .stroker: decks = [try Self.stroker(catalog.moves)]
        case .scan: decks = [[.startScanning, .requestDeviceList, .stopScanning, .requestDeviceList]]
        case .sensors:
            decks = [try Self.reads(catalog, spec)]
            setup += catalog.sensors.compactMap { spec.subscribe($0) }
        case .storm: decks = [[.requestDeviceList]]
        case .idle: decks = [[.ping]]
        case .conflict: decks = [try Self.busy(Array(catalog.held.prefix(1)))]
        case .stop:
            let others = try Self.besides(Self.stopTarget(catalog), in: catalog)
            decks = [try Self.overlay(others)]
            burst = others.count
        case .mixed:
            // What the devices cannot do is left to the others.
            decks = [.busy, .overlay, .stroker, .sensors, .conflict, .scan].compactMap { (part: Profile) in
                try? ProfileScript.make(part, catalog, spec).get().decks[0]
            }
        }
    }

    // MARK: Decks

    /// Every output once per round, with other values in each round.
    private static func busy(_ targets: [DriveTarget]) throws(BenchProblem) -> [Wording] {
        guard !targets.isEmpty else { throw .nothingToDrive }
        return (0..<rounds(targets.count)).flatMap { round in
            targets.enumerated().map { place, target in
                Wording(driving: target, step: 1 + Int32((round * 5 + place * 3) % Int(target.steps)))
            }
        }
    }

    /// Every output once per round; every third round is silence.
    private static func overlay(_ targets: [DriveTarget]) throws(BenchProblem) -> [Wording] {
        guard !targets.isEmpty else { throw .nothingToDrive }
        return (0..<rounds(targets.count)).flatMap { round in
            targets.enumerated().map { place, target in
                Wording(driving: target, step: round % 3 == 2 ? 0 : 1 + Int32((round * 7 + place) % Int(target.steps)))
            }
        }
    }

    /// Every axis to and fro.
    private static func stroker(_ targets: [DriveTarget]) throws(BenchProblem) -> [Wording] {
        guard !targets.isEmpty else { throw .noAxis }
        let steps = 32
        return (0..<steps).flatMap { step in
            let share = step < steps / 2 ? step : steps - step
            return targets.map { Wording(driving: $0, step: Int32(Int($0.steps) * share * 2 / steps), milliseconds: 33) }
        }
    }

    private static func reads(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> [Wording] {
        let reads = catalog.sensors.compactMap { spec.read($0) }
        if !reads.isEmpty { return reads }
        guard catalog.sensors.contains(where: { spec.subscribe($0) != nil }) else { throw .noSensor(spec.rawValue) }
        return [.ping]
    }

    /// Enough that neighbours in time differ, without a deck that fills the cache.
    private static func rounds(_ targets: Int) -> Int { max(3, min(60, 240 / targets)) / 3 * 3 }

    // MARK: The stop's output

    /// The output that the stops are tried on: the last one, whose device is not driven by anybody else where there are several.
    public static func stopTarget(_ catalog: DeviceCatalog) -> DriveTarget? { catalog.held.last }

    private static func besides(_ target: DriveTarget?, in catalog: DeviceCatalog) throws(BenchProblem) -> [DriveTarget] {
        guard let target else { throw .nothingToDrive }
        let others = catalog.held.filter { $0.device != target.device }
        guard others.isEmpty else { return others }
        let besides = catalog.held.filter { $0.device == target.device && $0.index != target.index }
        guard !besides.isEmpty else { throw .oneOutputOnly }
        return besides
    }
}
