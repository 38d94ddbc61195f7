// What somebody asked to be measured, and whether that makes sense before anything is connected.
// Must not know how it was asked: flags are the command line's.

import Host

/// A run as it was asked for.
public struct BenchOptions: Sendable {
    public var endpoint: Endpoint
    /// For `wss://`: a file of authorities in PEM; nil: those of the system.
    public var authorities: String?
    public var profile = Profile.all[0]
    public var spec = BenchSpec.v4
    /// nil: the profile's own number.
    public var clients: Int?
    /// Messages per second over all clients; nil: the profile's own rate.
    public var rate: Double?
    /// Messages that a client sends at once on the schedule; nil: the profile's own number.
    public var burst: Int?
    /// Requests in flight per client of a closed loop; nil: open loop.
    public var inFlight: Int?
    public var times = RunTimes()
    /// The measured time ends when so many of its messages were answered, over all clients; nil: by time only.
    public var messages: UInt64?
    public var threads = 1
    /// Whether threads of an open loop stay awake for what is due at once; nil: when this process may use more cores than it has threads.
    public var staysAwake: Bool?
    /// The server's process, when it is to be watched.
    public var pid: Int32?
    /// The file in which the server writes down what devices are told.
    public var journal: String?

    public static let clientsMax = 100_000
    public static let rateMax = 10_000_000.0
    public static let inFlightMax = 4096
    public static let burstMax = 4096
    public static let threadsMax = 64
    public static let messagesMax: UInt64 = 1_000_000_000_000

    public init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// Throws what is wrong with it.
    public func validate() throws(BenchProblem) {
        if let clients { try Self.check("--clients", Double(clients), 1...Double(Self.clientsMax)) }
        if let rate { try Self.check("--rate", rate, 0.01...Self.rateMax) }
        if let inFlight { try Self.check("--in-flight", Double(inFlight), 1...Double(Self.inFlightMax)) }
        if let burst { try Self.check("--burst", Double(burst), 1...Double(Self.burstMax)) }
        if let messages { try Self.check("--messages", Double(messages), 1...Double(Self.messagesMax)) }
        try Self.check("--threads", Double(threads), 1...Double(Self.threadsMax))
        guard times.duration >= 100_000_000, times.duration <= 86_400_000_000_000 else {
            throw .badOption("--duration is from 100ms to 24h")
        }
        guard authorities == nil || endpoint.isSecure else {
            throw .badOption("--ca-file is for an address with wss://: leave it away with \(endpoint)")
        }
        guard inFlight == nil || rate == nil else {
            throw .badOption("--rate is of the open loop, --closed goes as fast as the server answers: give one of them")
        }
        guard burst == nil || (inFlight == nil && profile.conduct != .silent && profile.conduct != .visiting) else {
            throw .badOption("--burst is of messages on a schedule: leave it away with --closed and with the profiles idle and storm")
        }
        if profile.conduct == .tryingStops {
            guard journal != nil else {
                throw .badOption(
                    "--profile stop sees the devices through the router's journal: start it with --journal FILE and give the same --journal FILE here"
                )
            }
            guard inFlight == nil else { throw .badOption("--profile stop is measured beside a steady load: leave --closed away") }
            guard messages == nil else { throw .badOption("--profile stop is measured by time: leave --messages away") }
        } else if journal != nil {
            throw .badOption("--journal is read by --profile stop only")
        }
        if profile.conduct == .silent, inFlight != nil || rate != nil || messages != nil {
            throw .badOption("--profile \(profile.name) sends nothing: leave --closed, --rate and --messages away")
        }
    }

    private static func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws(BenchProblem) {
        guard range.contains(value) else {
            throw .badOption("\(name) is from \(range.lowerBound.short) to \(range.upperBound.short)")
        }
    }
}

extension Double {
    /// Without a fraction where there is none.
    var short: String { self == rounded() && magnitude < 1e15 ? "\(Int64(self))" : "\(self)" }

    /// With so many decimals, never in scientific form.
    func fixed(_ decimals: Int) -> String {
        guard isFinite else { return "0" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (self * scale).rounded()
        guard scaled.magnitude < 9e15 else { return "\(self)" }
        let whole = Int64(scaled.magnitude)
        let sign = scaled < 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }
}
