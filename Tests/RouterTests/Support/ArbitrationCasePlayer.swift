// Plays one arbitration case: carries out each step at its time, collects what follows until the next, compares.
// Must not know JSON files or arbitration; `ArbitrationCaseSettings` reads rules, lanes and devices.

import Buttplug
import Foundation
import Host
import Router

/// An event that was seen, or must be seen, in a form that can be compared.
struct Sighting {
    /// What it is; equal texts are the same event.
    var what: String
    /// Milliseconds after the step.
    var after: Int
    /// Further texts that an expectation may require: a duration, the beginning of a text.
    var detail: String = ""
}

final class ArbitrationCasePlayer {
    private let story: ArbitrationCase
    private let router: TestRouter
    private var settings: RouterSettings
    private var rules: [String: [String: Any]] = [:]
    private var differences: [String] = []
    /// Milliseconds of virtual time at which the case begins.
    private var origin = 0

    init(_ story: ArbitrationCase) {
        self.story = story
        for step in story.steps where step.text("do") == "open" {
            rules[step.text("session")] = step["rule"] as? [String: Any] ?? [:]
        }
        settings = RouterSettings()
        settings.arbitration.lanes = story.lanes.map(ArbitrationCaseSettings.lane)
        settings.rules = ArbitrationCaseSettings.table(rules)
        router = TestRouter(settings)
    }

    /// The differences from the case, as texts; empty when there is none.
    func play() -> [String] {
        for device in story.devices { appear(device.number("index")) }
        router.advance(1_000)
        origin = router.milliseconds
        router.forget()
        for (index, step) in story.steps.enumerated() {
            router.advance(to: origin + step.number("at"))
            let began = router.milliseconds
            carryOut(step)
            let isLast = index + 1 == story.steps.count
            let next = isLast ? step.number("at") + latest(step) + 100 : story.steps[index + 1].number("at")
            if origin + next > began { router.advance(to: origin + next - 1) }
            compare(step, began)
            router.forget()
        }
        return differences
    }

    // MARK: Steps

    private func carryOut(_ step: [String: Any]) {
        let session = step.text("session")
        let device = step.number("device")
        let feature = step.number("feature")
        let id = step.number("id")
        switch step.text("do") {
        case "open": router.open(session)
        case "close": router.close(session)
        case "out":
            router.output(session, id, device, feature, step.text("type"), step.number("value"), duration: step["duration"] as? Int)
        case "stop": router.send(session, stop(step))
        case "ping": router.send(session, #"[{"Ping":{"Id":\#(id)}}]"#)
        case "sub": router.input(session, id, device, feature, step.text("sensor"), "Subscribe")
        case "unsub": router.input(session, id, device, feature, step.text("sensor"), "Unsubscribe")
        case "read": router.input(session, id, device, feature, step.text("sensor"), "Read")
        case "scan": router.send(session, #"[{"StartScanning":{"Id":\#(id)}}]"#)
        case "unscan": router.send(session, #"[{"StopScanning":{"Id":\#(id)}}]"#)
        case "gone": router.vanish(UInt32(device))
        case "device": appear(device)
        case "upstream_back":
            router.happen(.returned)
            for device in step["devices"] as? [Int] ?? [] { appear(device) }
        case "reading": reading(step)
        case "fault": fault(step)
        case "tick": break
        default: operate(step)
        }
    }

    private func operate(_ step: [String: Any]) {
        switch step.text("do") {
        case "estop": router.runner.raiseEmergencyStop()
        case "resume": router.runner.clearEmergencyStop()
        case "mask":
            router.runner.raiseMask(
                holder: step.text("holder"), level: UInt8(step.number("level")), releasesOnLoss: step.text("on_loss") == "release")
        case "unmask": router.runner.clearMask(holder: step.text("holder"))
        case "control_lost": router.runner.maskHolderLost(step.text("holder"))
        case "rules":
            for (name, rule) in step["rules"] as? [String: [String: Any]] ?? [:] { rules[name] = rule }
            if let lanes = step["lanes"] as? [[String: Any]] { settings.arbitration.lanes = lanes.map(ArbitrationCaseSettings.lane) }
            settings.rules = ArbitrationCaseSettings.table(rules)
            router.runner.settingsChanged(settings)
        default: differences.append("unknown step \(step.text("do"))")
        }
        router.host.turn()
    }

    private func appear(_ index: Int) {
        let kind = story.devices.first { $0.number("index") == index }?.text("kind") ?? ""
        router.appear(UInt32(index), ArbitrationCaseSettings.device(story.kinds[kind] ?? [:], identity: "case:\(index)"))
    }

    private func stop(_ step: [String: Any]) -> String {
        var fields = [#""Id":\#(step.number("id"))"#]
        if let device = step["device"] as? Int { fields.append(#""DeviceIndex":\#(device)"#) }
        if let feature = step["feature"] as? Int { fields.append(#""FeatureIndex":\#(feature)"#) }
        if let inputs = step["inputs"] as? Bool { fields.append(#""Inputs":\#(inputs)"#) }
        if let outputs = step["outputs"] as? Bool { fields.append(#""Outputs":\#(outputs)"#) }
        return #"[{"StopCmd":{\#(fields.joined(separator: ","))}}]"#
    }

    private var lastRead: UInt32 = 0

    private func reading(_ step: [String: Any]) {
        if step["answer"] as? Bool == true {
            router.happen(.readAnswered(request: lastRead, values: [50]))
        } else {
            router.happen(.reading(UInt32(step.number("device")), feature: UInt32(step.number("feature")), type: .battery, values: [50]))
        }
    }

    private func fault(_ step: [String: Any]) {
        let index = [UInt32(step.number("device")), UInt32(step.number("feature"))]
        router.backend.faults[index] = ScriptedBackend.Fault(
            latency: .milliseconds(Int64(step.number("latency"))), isOnce: step["once"] as? Bool ?? false, refusals: step.number("fail"))
    }

    /// The time of the latest event that a step expects, in milliseconds after the step.
    private func latest(_ step: [String: Any]) -> Int {
        let expect = step["expect"] as? [String: Any] ?? [:]
        let all = (expect["writes"] as? [[String: Any]] ?? []) + (expect["replies"] as? [[String: Any]] ?? [])
        return all.map { $0.number("after") }.max() ?? 0
    }

    // MARK: Comparing

    private func compare(_ step: [String: Any], _ began: Int) {
        let expect = step["expect"] as? [String: Any] ?? [:]
        let start = router.start + .milliseconds(Int64(began))
        let after: (Instant) -> Int = { Int(($0 - start).milliseconds) }
        let heading = "\(step.number("at")) \(step.text("do")) \(step.text("session"))"

        let expectedWrites = (expect["writes"] as? [[String: Any]] ?? []).map { write in
            Sighting(
                what: "\(write.number("device")).\(write.number("feature")) \(write.text("type")) \(write.number("value"))",
                after: write.number("after"), detail: write["duration"].map { "duration \($0)" } ?? "")
        }
        let writes = router.backend.writes.map { at, write in
            Sighting(
                what: "\(write.deviceIndex).\(write.feature) \(write.type.name) \(write.value)", after: after(at),
                detail: "duration \(write.duration)")
        }
        compareWrites(writes, expectedWrites, heading)

        let expectedReplies = (expect["replies"] as? [[String: Any]] ?? []).map { reply in
            Sighting(
                what: "\(reply.text("to")) \(reply.text("msg")) \(reply.number("id")) \(reply.number("code"))",
                after: reply.number("after"), detail: reply.text("text"))
        }
        let replies = router.received.map { message in
            Sighting(
                what: "\(message.to) \(message.name) \(message.id) \(message.code ?? 0)", after: after(message.at), detail: message.text)
        }
        let listsMatter = expectedReplies.contains { $0.what.contains("DeviceList") }
        let seen = replies.filter { listsMatter || !$0.what.contains("DeviceList") }
        compareUnordered(seen, expectedReplies, "reply", heading)
        compareUnordered(others(after), expectedOthers(expect), "other", heading, looksAtTime: false)
    }

    /// Writes have an order within each lane.
    private func compareWrites(_ seen: [Sighting], _ expected: [Sighting], _ heading: String) {
        let lane: (Sighting) -> Substring = { $0.what.prefix { $0 != " " } }
        for name in Set((seen + expected).map(lane)).sorted() {
            let seenHere = seen.filter { lane($0) == name }
            let expectedHere = expected.filter { lane($0) == name }
            let isSame = seenHere.count == expectedHere.count && zip(seenHere, expectedHere).allSatisfy(matches)
            if !isSame { differences.append("\(heading): writes \(words(seenHere)), not \(words(expectedHere))") }
        }
    }

    private func compareUnordered(
        _ seen: [Sighting], _ expected: [Sighting], _ kind: String, _ heading: String, looksAtTime: Bool = true
    ) {
        var rest = seen
        for wanted in expected {
            if let index = rest.firstIndex(where: { looksAtTime ? matches($0, wanted) : $0.what == wanted.what }) {
                rest.remove(at: index)
            } else {
                differences.append("\(heading): no \(kind) \(words([wanted])) among \(words(seen))")
            }
        }
        if !rest.isEmpty { differences.append("\(heading): \(kind) not expected: \(words(rest))") }
    }

    private func matches(_ seen: Sighting, _ expected: Sighting) -> Bool {
        seen.what == expected.what && abs(seen.after - expected.after) <= 50
            && (expected.detail.isEmpty || seen.detail.hasPrefix(expected.detail))
    }

    private func words(_ sightings: [Sighting]) -> String {
        "[" + sightings.map { "\($0.what)\($0.detail.isEmpty ? "" : " (\($0.detail))")@\($0.after)" }.joined(separator: ", ") + "]"
    }

    private func others(_ after: (Instant) -> Int) -> [Sighting] {
        var seen: [Sighting] = []
        for (at, request) in router.backend.requests {
            if case .read(_, _, _, let number) = request { lastRead = number }
            if case .cutOff = request { continue }
            seen.append(Sighting(what: TestRouter.word(request), after: after(at)))
        }
        for close in router.closes { seen.append(Sighting(what: "close \(close.session) \(close.reason)", after: after(close.at))) }
        for (at, event) in router.events {
            if case .stopFailed(let device, let feature) = event {
                seen.append(Sighting(what: "stop failed \(device).\(feature)", after: after(at)))
            }
        }
        return seen
    }

    private func expectedOthers(_ expect: [String: Any]) -> [Sighting] {
        (expect["other"] as? [[String: Any]] ?? []).map { other in
            for verb in ["read", "subscribe", "unsubscribe"] {
                guard let index = other[verb] as? [Any] else { continue }
                return Sighting(what: "\(verb) \(index[0]).\(index[1]) \(index[2])", after: 0)
            }
            if other["close"] != nil { return Sighting(what: "close \(other.text("close")) pingMissed", after: 0) }
            if other["scan"] != nil { return Sighting(what: "\(other.text("scan")) scanning", after: 0) }
            if other["upstream"] != nil { return Sighting(what: "stop outputs", after: 0) }
            return Sighting(what: "stop failed \(other.number("device")).\(other.number("feature"))", after: 0)
        }
    }
}

extension [String: Any] {
    func text(_ key: String) -> String { self[key] as? String ?? "" }
    func number(_ key: String) -> Int { self[key] as? Int ?? 0 }
}
