// What the simulation itself believes of one actuator: who may hold it, and what it was last told.
// Must not ask the router: the router's writes are checked against this.

import Buttplug
import Host
import Router

/// A command that may still be holding a lane. The model never forgets one too early; it may keep one too long, and then says so.
struct Holding {
    var session: SessionModel
    var request: UInt32
    var type: OutputType
    /// As the client sent it.
    var value: Int32
    /// The values of this session that may still count, when the newest may not have been accepted: from the lowest to the highest.
    var range: ClosedRange<Int32>
    /// Order of arrival of its last change: when type or value last changed.
    var changeNumber: UInt64
    /// When the last command for it arrived.
    var commandedAt: Instant
    /// Whether the router must have it, too.
    var isSure: Bool
}

/// A move or a spray that may be passed on, once.
struct Passable {
    var session: SessionModel
    var type: OutputType
    var value: Int32
    var duration: UInt32
    /// The operator changed something since: only an upper bound is known.
    var isLoose = false
}

/// The last write of one type.
struct Issued {
    var value: Int32 = 0
    var at = Instant.zero
    /// Whether there was any since the device appeared.
    var isKnown = false
    /// Whether it was answered `Ok` and nothing was in doubt since.
    var isSettled = false
    /// When a value other than zero was written last.
    var nonzeroAt = Instant.zero
    /// When a write was first answered late since then; what is written later repeats what is wanted.
    var repeatsSince = Instant.never

    /// A zero was written and carried out, however late, and nothing but zeros since: repeats of it need no answer in time.
    func isRepeat(_ write: DeviceWrite, at time: Instant) -> Bool { write.value == 0 && time >= repeatsSince && time >= nonzeroAt }

    /// Whether a late answer to an old write leaves rest proved: it was a zero, and the zero that proves rest was written after the first late
    /// answer.
    func staysSettled(after write: DeviceWrite) -> Bool { write.value == 0 && isSettled && at >= repeatsSince }
}

/// One lane.
final class LaneModel {
    let device: UInt32
    let feature: Feature
    let outputs: [OutputRange]
    var mixes: [Mix] = []
    var ceilings: [Int32] = []
    var slew: Fraction?
    var onConflict = OnConflict.shadow
    var maxDuration: UInt32?
    var holdings: [Holding] = []
    var passables: [Passable] = []
    /// One per type of output, by its raw value.
    var issued = [Issued](repeating: Issued(), count: 9)
    var lastSprayAt: Instant?
    var holdOffUntil = Instant.zero
    /// When a write failed or was not answered in time, or the device went.
    var troubleAt = Instant.zero
    /// When anything that may change what the lane wants last happened.
    var changeNumber = Instant.zero
    /// When the lane was last seen to have been at rest, without writes and in order for a while: what starts it was commanded later.
    var restSeenAt = Instant.zero
    /// An emergency stop owes this lane a zero of every type, also one that rests: since when, until it is written.
    var zeroOwedSince = Instant.never
    var isListed = false
    /// With a front router: since when it runs with nobody in front who holds it.
    var unwantedSince = Instant.never

    init(device: UInt32, feature: Feature) {
        self.device = device
        self.feature = feature
        outputs = feature.outputs
    }

    func output(_ type: OutputType) -> OutputRange? { outputs.first { $0.type == type } }

    func index(of type: OutputType) -> Int? { outputs.firstIndex { $0.type == type } }

    func ceiling(_ type: OutputType) -> Int32 { index(of: type).map { ceilings[$0] } ?? 0 }

    func mix(_ type: OutputType) -> Mix { index(of: type).map { mixes[$0] } ?? .highest }

    var heldTypes: [OutputType] { outputs.map(\.type).filter(\.isHeld) }

    /// Reads the lane rules again (`arbitration.md` §2: the first match per type counts).
    func apply(_ rules: [LaneRule], deviceName: String) {
        mixes = []
        ceilings = []
        slew = nil
        for output in outputs {
            let rule = rules.first { rule in
                let isDevice = rule.device.map { Self.glob($0, deviceName) } ?? true
                return isDevice && (rule.feature ?? feature.index) == feature.index && (rule.output ?? output.type) == output.type
            }
            mixes.append(rule?.mix ?? Self.standardMix(output.type))
            ceilings.append(Self.floor(output.steps, rule?.ceiling ?? .one))
            if output.type.isHeld { slew = rule?.slew ?? slew }
            onConflict = rule?.onConflict ?? .shadow
            if output.type.isMove { maxDuration = rule?.maxDurationMilliseconds }
        }
    }

    static func standardMix(_ type: OutputType) -> Mix {
        switch type {
        case .vibrate, .oscillate, .constrict, .rotate, .spray: .highest
        case .temperature, .led: .latest
        case .position, .hwPositionWithDuration: .exclusive
        }
    }

    /// The simulation's own patterns end in a star or have none.
    private static func glob(_ pattern: String, _ name: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : pattern == name
    }

    static func floor(_ n: Int32, _ share: Fraction) -> Int32 { Int32(Int64(n) * Int64(share.tenThousandths) / 10_000) }

    static func ceil(_ n: Int32, _ share: Fraction) -> Int32 { Int32((Int64(n) * Int64(share.tenThousandths) + 9_999) / 10_000) }

    /// What a session's rights leave of a value (`arbitration.md` §3).
    func scaled(_ value: Int32, _ type: OutputType, _ rights: Rights) -> Int32 {
        guard let output = output(type) else { return 0 }
        let size = min(Self.ceil(abs(value), rights.gain), Self.floor(output.steps, rights.cap))
        return value < 0 ? -size : size
    }

    /// The same under the lane's ceiling: 0 counts as a zero.
    func limited(_ value: Int32, _ type: OutputType, _ rights: Rights) -> Int32 {
        let limit = ceiling(type)
        return max(-limit, min(limit, scaled(value, type, rights)))
    }

    /// A move is never scaled by gain, only cut by cap and ceiling.
    func limitedMove(_ value: Int32, _ type: OutputType, _ rights: Rights) -> Int32 {
        guard let output = output(type) else { return 0 }
        return min(value, min(Self.floor(output.steps, rights.cap), ceiling(type)))
    }

    func forget() {
        holdings = []
        passables = []
        issued = [Issued](repeating: Issued(), count: 9)
        lastSprayAt = nil
        restSeenAt = .zero
        zeroOwedSince = .never
    }
}
