// What the clients of each kind of load say to the devices that a server has.
// Must not know sockets or time. Every script is a function from the devices and the version to the words.

/// What a profile's clients say to these devices.
public struct ProfileScript: Sendable {
    /// Client `n` says `decks[n % decks.count]`, over and over.
    public var decks: [[Wording]]
    /// What every client says before the run; the device list comes first, because before version 4 a server goes by what it told.
    public var setup: [Wording] = [.requestDeviceList]
    /// How many messages of a client are due at once.
    public var burst = 1

    // MARK: The scripts, in the order of the table

    /// Every output once per round, with other values in each round.
    static func busy(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> ProfileScript {
        ProfileScript(decks: [try drives(catalog.held)])
    }

    static func overlay(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> ProfileScript {
        ProfileScript(decks: [try overlays(catalog.held)], burst: catalog.held.count)
    }

    /// Every axis to and fro.
    static func stroker(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> ProfileScript {
        let targets = catalog.moves
        guard !targets.isEmpty else { throw .noAxis }
        let steps = 32
        let moves = (0..<steps).flatMap { step in
            let share = step < steps / 2 ? step : steps - step
            return targets.map { Wording(driving: $0, step: Int32(Int($0.steps) * share * 2 / steps), milliseconds: 33) }
        }
        return ProfileScript(decks: [moves])
    }

    static func scan(_ catalog: DeviceCatalog, _ spec: BenchSpec) -> ProfileScript {
        ProfileScript(decks: [[.startScanning, .requestDeviceList, .stopScanning, .requestDeviceList]])
    }

    static func sensors(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> ProfileScript {
        let reads = catalog.sensors.compactMap { spec.read($0) }
        let subscriptions = catalog.sensors.compactMap { spec.subscribe($0) }
        guard !reads.isEmpty || !subscriptions.isEmpty else { throw .noSensor(spec.rawValue) }
        return ProfileScript(decks: [reads.isEmpty ? [.ping] : reads], setup: [.requestDeviceList] + subscriptions)
    }

    static func visit(_ catalog: DeviceCatalog, _ spec: BenchSpec) -> ProfileScript { ProfileScript(decks: [[.requestDeviceList]]) }

    static func ping(_ catalog: DeviceCatalog, _ spec: BenchSpec) -> ProfileScript { ProfileScript(decks: [[.ping]]) }

    static func conflict(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> ProfileScript {
        ProfileScript(decks: [try drives(Array(catalog.held.prefix(1)))])
    }

    /// Overlays on everything but the output that stops are tried on.
    static func besidesStops(_ catalog: DeviceCatalog, _ spec: BenchSpec) throws(BenchProblem) -> ProfileScript {
        let others = try besides(stopTarget(catalog), in: catalog)
        return ProfileScript(decks: [try overlays(others)], burst: others.count)
    }

    /// What the devices cannot do is left to the others.
    static func mixed(_ catalog: DeviceCatalog, _ spec: BenchSpec) -> ProfileScript {
        let parts = ["busy", "overlay", "stroker", "sensors", "conflict", "scan"].compactMap { Profile(named: $0) }
        return ProfileScript(decks: parts.compactMap { part in try? part.script(catalog, spec).decks[0] })
    }

    // MARK: Decks

    /// Every output once per round, with other values in each round.
    private static func drives(_ targets: [DriveTarget]) throws(BenchProblem) -> [Wording] {
        guard !targets.isEmpty else { throw .nothingToDrive }
        return (0..<rounds(targets.count)).flatMap { round in
            targets.enumerated().map { index, target in
                Wording(driving: target, step: 1 + Int32((round * 5 + index * 3) % Int(target.steps)))
            }
        }
    }

    /// Every output once per round; every third round is silence.
    private static func overlays(_ targets: [DriveTarget]) throws(BenchProblem) -> [Wording] {
        guard !targets.isEmpty else { throw .nothingToDrive }
        return (0..<rounds(targets.count)).flatMap { round in
            targets.enumerated().map { index, target in
                Wording(driving: target, step: round % 3 == 2 ? 0 : 1 + Int32((round * 7 + index) % Int(target.steps)))
            }
        }
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
