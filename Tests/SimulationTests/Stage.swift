// A monitor with its device and sessions, to which tests give a router's actions one by one.
// Must not use a router.

import Buttplug
import Host
import Router

@testable import simulate

/// A monitor with one device (a vibrator, a rotator, a stroker's axis and a battery) and two sessions.
final class Stage {
    let monitor: Monitor
    let first: SessionModel
    let second: SessionModel
    private var ticket: UInt32 = 0

    init(rules: RuleTable = RuleTable(), lanes: [LaneRule] = []) {
        var settings = RouterSettings()
        settings.rules = rules
        settings.arbitration.lanes = lanes
        monitor = Monitor(settings)
        let features = [
            Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 100)]),
            Feature(index: 1, outputs: [OutputRange(.rotate, steps: 100, isSigned: true)]),
            Feature(index: 2, outputs: [OutputRange(.hwPositionWithDuration, steps: 1000, duration: 0...100_000)]),
            Feature(index: 3, inputs: [InputRange(.battery, ranges: [0...100], canRead: true, canSubscribe: true)]),
        ]
        monitor.appeared(0, DeviceDescription(identity: "a", name: "Device", messageGapMilliseconds: 50, features: features))
        let peer = Peer(address: "127.0.0.1", listener: "sim")
        first = SessionModel(number: 1, version: .v4, name: "first", peer: peer)
        second = SessionModel(number: 2, version: .v4, name: "second", peer: peer)
        write(0, .vibrate, 0)
        write(1, .rotate, 0)
        for (slot, session) in [first, second].enumerated() {
            monitor.opened(session, LinkID(slot: UInt32(slot), generation: 0))
            ask(session, 1, .handshake(name: session.name))
            say(session, #"[{"ServerInfo":{"Id":1}}]"#)
        }
        endTurn()
    }

    func pass(_ span: Interval) { monitor.now = monitor.now + span }

    func ask(_ session: SessionModel, _ id: UInt32, _ kind: SimulatedRequest.Kind) {
        monitor.arrived([SimulatedRequest(id: id, kind: kind)], from: session)
    }

    func drive(_ session: SessionModel, _ id: UInt32, _ value: Int32, feature: UInt32 = 0, type: OutputType = .vibrate) {
        let part = RequestPart(feature: feature, type: type, value: value, duration: type == .hwPositionWithDuration ? 100 : 0)
        ask(session, id, .outputs(device: 0, [part], legacyForm: .single))
    }

    func say(_ session: SessionModel, _ text: String) {
        Array(text.utf8).withUnsafeBytes { monitor.replied($0, to: session) }
    }

    func ok(_ session: SessionModel, _ id: UInt32) { say(session, "[{\"Ok\":{\"Id\":\(id)}}]") }

    /// A write that is answered at once.
    func write(_ feature: UInt32, _ type: OutputType, _ value: Int32, duration: UInt32 = 0, answer: Bool? = true) {
        ticket += 1
        monitor.wrote(
            DeviceWrite(
                to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: feature), type: type, value: value, duration: duration,
                ticket: ticket,
                session: DeviceWrite.noSession))
        if let answer { monitor.answered(ticket, answer) }
    }

    /// Every turn takes a second, so that no gap matters.
    func endTurn() {
        monitor.endOfTurn()
        pass(.seconds(1))
    }

    var broken: Invariant? { monitor.violation?.invariant }
}
