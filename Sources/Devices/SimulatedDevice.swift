// One simulated device, apart from what every write touches: presence, faults, link, battery, sensors.
// Must not know other devices or timers; `SimulatedDeviceSetCore` asks and schedules.

import Buttplug
import Host

/// Where a simulated device is.
enum SimulatedPresence {
    /// Switched on and waiting for a scan. Can turn into: present.
    case undiscovered
    /// Connected. Can turn into: away, undiscovered.
    case present
    /// Gone; its schedule or somebody's hand brings it back. Can turn into: present.
    case away
}

/// The part of a device that a plain write does not touch.
struct SimulatedDevice {
    let spec: SimulatedDeviceSpec
    let description: DeviceDescription

    var presence = SimulatedPresence.undiscovered
    /// Counts connects and disconnects; a timer of an older one is ignored.
    var incarnation: UInt32 = 0

    var latency: WriteLatency
    var failureRate: Double
    var failuresOwed = 0
    /// Time one write occupies the link; zero without a limit.
    var linkTime: Interval
    private var linkFree = Instant.zero
    private var lastAnswer = Instant.zero
    private var faults: SeededRandom

    /// Held outputs that are not zero.
    var activeOutputs = 0
    var battery: SimulatedBattery?
    /// There when the device has a position sensor; it follows the feature `carriageFeature`.
    var carriage: SimulatedCarriage?
    let carriageFeature: UInt32
    var sensors: [SimulatedSensor] = []

    init(_ spec: SimulatedDeviceSpec, description: DeviceDescription, seed: UInt64) {
        self.spec = spec
        self.description = description
        latency = spec.latency
        failureRate = spec.failureRate
        linkTime = Self.linkTime(spec.writesPerSecond)
        let seed = spec.seed ?? seed
        faults = SeededRandom(seed: seed, for: description.identity + "/faults")

        var axis: (feature: UInt32, steps: Int32)?
        for feature in description.features {
            for output in feature.outputs where output.type.isMove && axis == nil { axis = (feature.index, output.steps) }
            for input in feature.inputs {
                let random = SeededRandom(seed: seed, for: description.identity + "/sensor \(feature.index) \(input.type.name)")
                sensors.append(SimulatedSensor(feature: feature.index, range: input, random: random))
            }
        }
        carriageFeature = axis?.feature ?? 0
        if let axis, sensors.contains(where: { $0.range.type == .position || $0.range.type == .depth }) {
            carriage = SimulatedCarriage(steps: axis.steps)
        }
        if sensors.contains(where: { $0.range.type == .battery }) {
            battery = SimulatedBattery(
                percent: spec.batteryPercent, idlePerMinute: spec.batteryDrainIdle, activePerMinute: spec.batteryDrainActive)
        }
    }

    static func linkTime(_ writesPerSecond: Double?) -> Interval {
        guard let writesPerSecond else { return .zero }
        return Interval(inSeconds: 1 / writesPerSecond)
    }

    /// Whether a write needs nothing but its value stored and an answer at once.
    var isPlain: Bool {
        presence == .present && latency == .none && failureRate <= 0 && failuresOwed == 0 && linkTime == .zero && carriage == nil
    }

    /// Whether this write is refused.
    mutating func refuses() -> Bool {
        if failuresOwed > 0 {
            failuresOwed -= 1
            return true
        }
        return failureRate > 0 && faults.unit() < failureRate
    }

    /// When this write is answered: those before it and itself have left the link, and the latency is over.
    mutating func answerTime(at now: Instant) -> Instant {
        var answer = now
        if linkTime > .zero {
            answer = max(now, linkFree)
            linkFree = answer + linkTime
        }
        switch latency {
        case .none: break
        case .fixed(let time): answer = answer + time
        case .normal(let mean, let deviation):
            answer = answer + Interval(inSeconds: mean.inSeconds + faults.normal() * deviation.inSeconds)
            answer = max(answer, lastAnswer)
            lastAnswer = answer
        }
        return answer
    }

    /// Forgets what waits on the link, as a new connection does.
    mutating func clearLink() { (linkFree, lastAnswer) = (.zero, .zero) }

    /// Brings the battery up to now, before anything changes that it depends on.
    mutating func settle(until now: Instant) {
        let moved = carriage?.secondsMoved(until: now) ?? 0
        battery?.settle(until: now, isActive: activeOutputs > 0)
        if activeOutputs == 0 { battery?.spend(onMoves: moved) }
    }

    func sensor(feature: UInt32, type: InputType) -> Int? {
        sensors.firstIndex { $0.feature == feature && $0.range.type == type }
    }

    /// What a sensor shows to its readers.
    mutating func values(ofSensor index: Int, at now: Instant) -> [Int32] {
        settle(until: now)
        return sensors[index].values(at: now, charge: battery?.percent ?? 0, position: carriage?.position(at: now) ?? 0)
    }

    /// What a sensor reports to its subscribers now, if anything.
    mutating func reading(ofSensor index: Int, at now: Instant) -> [Int32]? {
        settle(until: now)
        return sensors[index].reading(at: now, charge: battery?.percent ?? 0, position: carriage?.position(at: now) ?? 0)
    }
}
