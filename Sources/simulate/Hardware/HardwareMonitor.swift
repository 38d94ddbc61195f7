// What apps want of every output, what the devices' motors do by the bytes they got, and whether the one may follow from the other.
// Must not know bytes, wires or the router: it is told facts, with their time.

import Host

/// What is known of a run. The first violation is kept.
final class HardwareMonitor {
    /// A value that an app wanted, from then until then.
    private struct Want {
        var value: Int
        var from: Instant
        var until = Instant.never
    }

    private struct Motor {
        var value: Int
        var wants: [Want] = []
        /// When it must be at zero, what for, and since when.
        var due: (at: Instant, since: Instant, promise: HardwarePromise, why: String)?
        /// It ran when its device was lost, and has not been told zero since.
        var owesZero = false
        var wanted: Int { wants.last.map { $0.until == .never ? $0.value : 0 } ?? 0 }
    }

    private struct Device {
        var motors: [Motor]
        /// How long it may take until what the router decides has arrived.
        var slack: () -> Interval
        /// How long the watchdog's letters may take; nil: they may not arrive.
        var letterSlack: () -> Interval?
        var isConnected = false
        var isShown = false
        /// Writes fail, or are not answered: until then. `.never`: now.
        var troubleEnds = Instant.zero
        var hiddenAt = Instant.zero
        var index: Int?
        var raisedAt: Instant?
    }

    private var devices: [String: Device] = [:]
    /// In the order in which they were added.
    private(set) var identities: [String] = []
    private(set) var violation: HardwareViolation?
    private(set) var checks: [HardwarePromise: Int] = [:]
    private var isRaised = false
    /// The router ends in good order since then; `.never`: it does not.
    private var routerEndsSince = Instant.never
    /// Asks for `check` at an instant.
    var wake: (Instant) -> Void = { _ in }

    // MARK: The world

    /// A device, at what its motors do as it is switched on.
    func add(_ identity: String, _ values: [Int], slack: @escaping () -> Interval, letterSlack: (() -> Interval?)? = nil) {
        identities.append(identity)
        let motors = values.map { Motor(value: $0, owesZero: $0 != 0) }
        devices[identity] = Device(motors: motors, slack: slack, letterSlack: letterSlack ?? slack)
    }

    func motorCount(_ identity: String) -> Int { devices[identity]?.motors.count ?? 0 }
    func value(_ identity: String, _ motor: Int) -> Int { devices[identity]?.motors[motor].value ?? 0 }
    func isShown(_ identity: String) -> Bool { devices[identity]?.isShown == true }
    func index(_ identity: String) -> Int? { devices[identity]?.index }

    func broken(_ promise: HardwarePromise, _ text: String) {
        if violation == nil { violation = HardwareViolation(promise: promise, text: text) }
    }

    /// A check that is made elsewhere.
    func expect(_ promise: HardwarePromise, _ holds: Bool, _ text: @autoclosure () -> String) {
        checks[promise, default: 0] += 1
        if !holds { broken(promise, text()) }
    }

    func connected(_ identity: String) { devices[identity]?.isConnected = true }

    /// Its connection is gone; its motors do what they did.
    func lost(_ identity: String) { devices[identity]?.isConnected = false }

    /// Writes to it do not do what they should; nil: they do again from now on.
    func trouble(_ identity: String, until end: Instant = .never) { devices[identity]?.troubleEnds = end }

    // MARK: Apps

    /// An app wants a value of an output.
    func wants(_ identity: String, _ motor: Int, _ value: Int, at now: Instant) {
        guard let device = devices[identity], device.motors.indices.contains(motor) else { return }
        guard value != 0 else { return ends(identity, motor, "an app has set it to zero", at: now) }
        guard !isRaised, device.isShown else { return }
        close(identity, motor, at: now)
        devices[identity]?.motors[motor].wants.append(Want(value: value, from: now))
        devices[identity]?.motors[motor].due = nil
    }

    /// Nobody wants anything of an output any more.
    func ends(_ identity: String, _ motor: Int, _ why: String, at now: Instant) {
        guard let device = devices[identity], device.motors.indices.contains(motor) else { return }
        close(identity, motor, at: now)
        guard device.isShown, device.motors[motor].due == nil else { return }
        demand(identity, motor, .stops, why, at: now, within: device.slack())
    }

    /// Nobody wants anything of any device's output of this number, or of all; until `cleared` nothing counts, when the operator stopped.
    func ends(_ motor: Int?, _ why: String, byOperator: Bool = false, at now: Instant) {
        if byOperator { isRaised = true }
        for identity in identities {
            for place in 0..<motorCount(identity) where motor == nil || motor == place { ends(identity, place, why, at: now) }
        }
    }

    func cleared() { isRaised = false }
    var isStopped: Bool { isRaised }

    private func close(_ identity: String, _ motor: Int, at now: Instant) {
        guard var wants = devices[identity]?.motors[motor].wants else { return }
        if let last = wants.indices.last, wants[last].until == .never { wants[last].until = now }
        // What ended long ago explains nothing.
        wants.removeAll { $0.until != .never && now - $0.until > .seconds(30) }
        devices[identity]?.motors[motor].wants = wants
    }

    // MARK: Deadlines

    /// Within this time the motor must be at zero.
    private func demand(_ identity: String, _ motor: Int, _ promise: HardwarePromise, _ why: String, at now: Instant, within time: Interval)
    {
        devices[identity]?.motors[motor].due = (now + time, now, promise, why)
        wake(now + time)
    }

    /// The watchdog has posted a letter of the device.
    func letterPosted(_ identity: String, _ why: String, at now: Instant) {
        guard let device = devices[identity], let time = device.letterSlack() else { return }
        for motor in device.motors.indices { demand(identity, motor, .watchdog, why, at: now, within: time) }
    }

    /// Looks at every motor whose time has come.
    func check(at now: Instant) {
        for identity in identities {
            guard let device = devices[identity] else { continue }
            for (place, motor) in device.motors.enumerated() {
                guard let due = motor.due, due.at <= now else { continue }
                devices[identity]?.motors[place].due = nil
                guard device.isConnected, device.isShown || due.promise == .watchdog, device.troubleEnds < due.since else { continue }
                expect(due.promise, motor.value == 0, "\(identity) has motor \(place) at \(motor.value), \(due.why) \(now - due.since) ago")
            }
        }
    }

    // MARK: What devices get

    /// A packet has set motors of a device.
    func got(_ identity: String, _ motors: [(place: Int, value: Int)], at now: Instant) {
        guard let device = devices[identity] else { return }
        for (place, value) in motors where device.motors.indices.contains(place) {
            let motor = device.motors[place]
            devices[identity]?.motors[place].value = value
            guard value != 0 else {
                devices[identity]?.motors[place].owesZero = false
                continue
            }
            if !device.isShown { devices[identity]?.motors[place].owesZero = true }
            let slack = device.slack()
            let reasons = motor.wants.filter { $0.value == value && ($0.until == .never || now - $0.until <= slack) }
            expect(.surprises, !reasons.isEmpty, "\(identity) was told \(value) for motor \(place), which no app wants\(known(motor, now))")
            expect(
                .zeroFirst, !motor.owesZero || reasons.contains { $0.from <= device.hiddenAt },
                "\(identity) was told \(value) for motor \(place) before its zero")
        }
    }

    private func known(_ motor: Motor, _ now: Instant) -> String {
        motor.wants.suffix(3).map { ": \($0.value) until \($0.until == .never ? "now" : "\(now - $0.until) ago")" }.joined()
    }

    // MARK: The router

    /// The router shows a device to apps.
    func shown(_ identity: String, at now: Instant) {
        guard let device = devices[identity] else { return broken(.bounds, "\(identity) is shown, and there is no such device") }
        devices[identity]?.isShown = true
        devices[identity]?.raisedAt = nil
        for motor in device.motors.indices where device.motors[motor].due == nil {
            demand(identity, motor, .zeroFirst, "it has come", at: now, within: device.slack())
        }
    }

    /// The router has lost a device: what apps wanted of it is over.
    func hidden(_ identity: String, at now: Instant) {
        guard let device = devices[identity] else { return }
        devices[identity]?.isShown = false
        devices[identity]?.hiddenAt = now
        for motor in device.motors.indices {
            close(identity, motor, at: now)
            if device.motors[motor].due?.promise != .watchdog { devices[identity]?.motors[motor].due = nil }
            devices[identity]?.motors[motor].owesZero = device.motors[motor].value != 0
        }
    }

    /// The router begins to end in good order: nobody wants anything any more.
    func routerEnds(at now: Instant) {
        ends(nil, "the router ends", at: now)
        routerEndsSince = now
    }

    /// The router has let go of a device: one that it ends with has been told zero.
    func released(_ identity: String, at now: Instant) {
        guard routerEndsSince != .never, let device = devices[identity] else { return }
        guard device.isShown, device.troubleEnds < routerEndsSince else { return }
        for (place, motor) in device.motors.enumerated() {
            expect(.stops, motor.value == 0, "\(identity) was left with motor \(place) at \(motor.value) when the router ended")
        }
    }

    /// The router is gone.
    func routerEnded(at now: Instant) {
        routerEndsSince = .never
        for identity in identities { hidden(identity, at: now) }
    }

    /// The index that clients know a device by.
    func hasIndex(_ identity: String, _ index: Int) {
        guard let device = devices[identity] else { return }
        expect(.index, device.index == nil || device.index == index, "\(identity) had index \(device.index ?? -1), and has \(index) now")
        devices[identity]?.index = index
    }

    /// The router raises outputs of a device, in one go.
    func raises(_ identity: String, gap: Interval, at now: Instant) {
        guard let device = devices[identity] else { return }
        if let last = device.raisedAt { expect(.gap, now - last >= gap, "\(identity) was raised \(now - last) after the last time") }
        devices[identity]?.raisedAt = now
    }

    // MARK: The end

    /// Everything is at rest: each motor does what is wanted of it.
    func checkRest(_ why: String) {
        for identity in identities {
            guard let device = devices[identity] else { continue }
            for (place, motor) in device.motors.enumerated() {
                expect(
                    .ends, motor.value == motor.wanted,
                    "\(identity) has motor \(place) at \(motor.value), and \(motor.wanted) is wanted: \(why)")
            }
        }
    }
}
