// One device of the Bluetooth core: how far its connection is, and its characteristics as endpoints.
// Must not know the bus, nor what the bytes are.

import DBus
import Host

/// Why an answer is awaited.
enum BluetoothCall: Hashable {
    case match, owner, objects
    case filter, startDiscovery, stopDiscovery
    case disconnect
    case connect(UInt32)
    case acquire(UInt32, DeviceEndpoint)
    case write(UInt32, DeviceEndpoint)
    case read(UInt32, DeviceEndpoint)
    case notify(UInt32, DeviceEndpoint)

    /// The device that it is about.
    var device: UInt32? {
        switch self {
        case .connect(let device), .acquire(let device, _), .write(let device, _), .read(let device, _), .notify(let device, _): device
        default: nil
        }
    }
}

struct BluetoothLink {
    /// How far it is. Each state has its deadline in `BluetoothLink.deadline`.
    enum Stage: Hashable {
        /// BlueZ does not know it now: a scan looks for it. Can turn into: waiting, over.
        case sought
        /// Its turn has not come. Can turn into: connecting, resolving (it is connected already), sought, over.
        case waiting
        /// Can turn into: resolving, falling, waiting, over.
        case connecting
        /// Connect has failed, and the end of the connection is still to be told. Can turn into: waiting, over.
        case falling
        /// Connected; BlueZ reads its services. Can turn into: acquiring, over.
        case resolving
        /// Descriptors are asked for. Can turn into: ready, over.
        case acquiring
        /// Can turn into: over.
        case ready
    }

    let device: UInt32
    let candidate: Candidate
    /// It may run, and is to be told zero.
    let goesFirst: Bool
    var path: String
    var stage: Stage
    /// When the whole attempt is given up; `.never` once it is ready.
    var deadline: Instant
    /// The next thing to do by itself: another Connect, another AcquireWrite, a look at whether others wait.
    var retryAt = Instant.never
    /// Connects that ended with an abort.
    var aborts = 0
    /// Connects that something else was in the way of.
    var busies = 0
    /// Until when another program's hold on a characteristic is waited for.
    var heldUntil = Instant.never
    var endpoints: [GattEndpoint] = []
    /// Writes in a row that failed.
    var failedWrites = 0
    /// A descriptor that calls have taken the place of, and that is still to be closed.
    var givenBack: WireID?

    static let connectTime = Interval.seconds(20)
    static let resolveTime = Interval.seconds(10)
    static let heldTime = Interval.seconds(5)
    static let pause = Interval.seconds(1)
    /// How long the end of a failed connection may take to be told.
    private static let fallTime = Interval.seconds(1)
    /// A Connect that takes longer lets others go first.
    static let patience = Interval.seconds(4)

    init(_ device: UInt32, _ candidate: Candidate, goesFirst: Bool, at now: Instant) {
        (self.device, self.candidate, self.goesFirst) = (device, candidate, goesFirst)
        (stage, path, deadline) = (.sought, "", now + Self.connectTime)
    }

    /// Whether there is, or may be, a connection to take down.
    var isUp: Bool {
        switch stage {
        case .connecting, .falling, .resolving, .acquiring, .ready: true
        case .sought, .waiting: false
        }
    }

    func place(of endpoint: DeviceEndpoint) -> Int? { endpoints.firstIndex { $0.endpoint == endpoint } }

    var set: EndpointSet {
        var set = EndpointSet()
        for one in endpoints { set.insert(one.endpoint) }
        return set
    }

    /// The next instant at which something is to be done.
    var next: Instant { endpoints.reduce(min(deadline, retryAt)) { min($0, $1.retryAt) } }

    /// Why it is lost when it wants to be paired.
    var unpaired: LossReason { .failed("the device wants to be paired: bluetoothctl pair \(candidate.address)") }

    // MARK: Steps

    /// Connects it.
    mutating func connect(by bus: inout BluezBus, at now: Instant) {
        stage = .connecting
        retryAt = now + Self.patience
        bus.call(.connect(device), (Bluez.device, "Connect"), on: path, at: now)
    }

    /// It is connected: its services are awaited.
    mutating func resolve(at now: Instant) {
        stage = .resolving
        retryAt = .never
        deadline = now + Self.resolveTime
    }

    /// It waits for its turn.
    mutating func waitAgain(until instant: Instant = .never) {
        stage = .waiting
        retryAt = instant
    }

    /// Connect has failed.
    /// - Returns: Why the device is lost; nil: it is tried again.
    mutating func connectFailed(_ trouble: BluezTrouble, at now: Instant) -> LossReason? {
        retryAt = .never
        switch trouble {
        case .aborted:
            aborts += 1
            guard aborts < 3 else { return .gone }
            stage = .falling
            retryAt = now + Self.fallTime
        case .busy, .full:
            busies += 1
            guard busies < 2 else { return trouble == .full ? .failed("the adapter takes no more devices") : .gone }
            waitAgain(until: now + Self.pause)
        case .off: waitAgain(until: now + Self.pause)
        case .unpaired: return unpaired
        case .denied: return .failed("this user may not connect devices: add the user to the group bluetooth")
        case .gone, .silent, .held, .unsupported, .other: return .gone
        }
        return nil
    }
}
