// What a run has found out: the figures, without their presentation.
// Must not know how they were measured.

/// Percentiles, in microseconds.
public struct LatencyFigures: Hashable, Sendable {
    public var count: UInt64 = 0
    public var p50 = 0.0
    public var p90 = 0.0
    public var p99 = 0.0
    public var p999 = 0.0
    public var max = 0.0
    public var mean = 0.0

    public init() {}

    init(_ histogram: LatencyHistogram) {
        count = histogram.totalCount
        guard count > 0 else { return }
        func microseconds(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1e3 }
        (p50, p90, p99, p999) = (microseconds(50), microseconds(90), microseconds(99), microseconds(99.9))
        max = Double(histogram.maxRecorded) / 1e3
        mean = histogram.mean / 1e3
    }
}

/// A point of the curve of percentiles.
public struct PercentilePoint: Hashable, Sendable {
    /// 0…100.
    public var percentile: Double
    public var microseconds: Double
}

/// A second, or so, of a run.
public struct SeriesPoint: Hashable, Sendable {
    /// Seconds since the measured time began; at the second's end.
    public var seconds: Double
    /// Answers per second.
    public var rate: Double
    public var p50: Double
    public var p99: Double
}

/// The server's process over the measured time.
public struct ServerReport: Hashable, Sendable {
    public var pid: Int32
    public var cpuMicrosecondsPerMessage: Double?
    /// Memory before the first session, and after the last.
    public var residentBytesBefore: UInt64
    public var residentBytes: UInt64
    /// Open descriptors before the first session, and after the last; nil when they may not be counted.
    public var descriptorsBefore: Int?
    public var descriptors: Int?
    /// Profile `idle`: by how much the memory had grown at the end of the measured time, per session.
    public var residentBytesPerSession: Double?
    /// By what came unasked.
    public var cpuMicrosecondsPerEvent: Double?
    public var systemCallsPerMessage: Double?
    /// Why there are no system calls.
    public var systemCallsNote: String?
    public var readWriteCallsPerMessage: Double?

    /// By how many bytes the memory has grown; below zero when it shrank.
    public var residentBytesGrowth: Int64 { Int64(residentBytes) - Int64(residentBytesBefore) }
    /// By how many the open descriptors have grown.
    public var descriptorsGrowth: Int? {
        guard let descriptors, let descriptorsBefore else { return nil }
        return descriptors - descriptorsBefore
    }
}

/// The figures of a run.
public struct BenchResult: Hashable, Sendable {
    public var url = ""
    public var profile = Profile.all[0]
    public var spec = BenchSpec.v4
    public var clients = 0
    public var threads = 1
    /// Whether threads stayed awake for what was due at once.
    public var staysAwake = false
    /// Per client; nil in an open loop.
    public var inFlight: Int?
    /// Messages per second asked for; nil in a closed loop.
    public var targetRate: Double?
    /// Messages after which the measured time was to end; nil: by time only.
    public var messages: UInt64?
    /// Messages of a client that were due at once; 1 in a closed loop.
    public var burst = 1
    public var rampSeconds = 0.0
    public var warmupSeconds = 0.0
    /// Seconds that were measured.
    public var seconds = 0.0
    public var wasInterrupted = false
    public var tally = Tally()
    public var latency = LatencyFigures()
    public var percentiles: [PercentilePoint] = []
    public var series: [SeriesPoint] = []
    public var server: ServerReport?
    /// Of this process.
    public var generatorMicrosecondsPerMessage: Double?
    /// From a stop to the zero at the device.
    public var stop: LatencyFigures?
    /// Stops whose zero never came.
    public var stopsMissed: UInt64 = 0
    /// From the first subscriber that had a reading to each other.
    public var fanOut: LatencyFigures?
    /// From the first subscriber that had a reading to the last, of the readings that all had.
    public var fanOutLast: LatencyFigures?

    public init() {}

    /// Answers per second of the measured time.
    public var rate: Double { seconds > 0 ? Double(tally.arrived) / seconds : 0 }
    /// Everything that should not have happened.
    public var faults: UInt64 { tally.faults + stopsMissed }
}
