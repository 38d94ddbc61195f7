// Plays a case against the protocol that the catalogue finds for its device, and says what differs.
// The order of packets within one turn is ours, and so is the zero packet of a device that has just become ready.

import Buttplug

@testable import Hardware

struct VectorRunner {
    /// What differs, by device; empty when nothing does.
    static func play(_ vector: VectorCase, in catalogue: Catalogue = Builtin.catalogue) -> [String] {
        guard !vector.devices.isEmpty else { return ["no device"] }
        var problems: [String] = []
        for (at, device) in vector.devices.enumerated() {
            let steps = vector.steps.filter { $0.at == at }.map(\.item)
            problems += play(vector.opening, steps, device, in: catalogue)
        }
        return problems
    }

    private static func play(
        _ opening: [VectorCase.Item], _ steps: [VectorCase.Item], _ device: (name: String, model: String), in catalogue: Catalogue
    ) -> [String] {
        guard let facts = facts(of: device, in: catalogue) else { return ["nothing is known of \(device.name), \(device.model)"] }
        guard var subject = DeviceUnderTest(facts, name: device.name, in: catalogue) else { return ["\(facts.name) is not written yet"] }
        subject.open()
        var problems: [String] = []
        play(opening, on: &subject, &problems)
        // What is still awaited does not come: this is not a test of patience.
        for _ in 0..<8 where !subject.isReady && subject.isWaiting { subject.timePasses() }
        if let refusal = subject.refusal { return problems + ["refused: \(refusal)"] }
        if !subject.isReady { return problems + ["not ready after the opening"] }
        if subject.model?.name != device.model { problems.append("is taken for \(subject.model?.name ?? "nothing")") }
        play(steps, on: &subject, &problems)
        return problems
    }

    /// The protocol that matches the name; of several the one that knows the model. Without a match, the one that knows the model.
    private static func facts(of device: (name: String, model: String), in catalogue: Catalogue) -> ProtocolFacts? {
        let matching = catalogue.matches(Candidate(address: "", name: device.name))
        func knows(_ facts: ProtocolFacts) -> Bool {
            facts.defaults?.name == device.model || facts.models.contains { $0.name == device.model }
        }
        return matching.first(where: knows) ?? matching.first ?? catalogue.protocols.first(where: knows)
    }

    private static func play(_ items: [VectorCase.Item], on device: inout DeviceUnderTest, _ problems: inout [String]) {
        for (at, item) in items.enumerated() {
            switch item {
            case .expect(let expected): check(expected, on: &device, &problems)
            case .device(let said):
                for entry in said { device.says(entry.bytes, from: entry.endpoint) }
            case .ask(let wishes): ask(wishes, of: &device, &problems)
            }
            if at + 1 < items.count, case .expect = items[at + 1] { continue }
            if !device.deeds.isEmpty { problems.append("also \(device.deeds)") }
            device.deeds = []
        }
    }

    private static func check(_ expected: [Deed], on device: inout DeviceUnderTest, _ problems: inout [String]) {
        for wanted in expected {
            var rounds = 0
            while !device.deeds.contains(wanted), !device.isReady, device.isWaiting, rounds < 8 {
                device.timePasses()
                rounds += 1
            }
            // A machine that is told its speed in steps, or its place in way points.
            while !device.deeds.contains(wanted), device.isReady, case .ask = device.keepAlive, rounds < 64 {
                device.timePasses()
                rounds += 1
            }
            if let found = device.deeds.firstIndex(of: wanted) {
                device.deeds.remove(at: found)
            } else if let found = device.atReady.firstIndex(of: wanted) {
                device.atReady.remove(at: found)
            } else {
                problems.append("not \(wanted), but \(device.deeds)")
                device.deeds = []
                return
            }
        }
    }

    private static func ask(_ wishes: [VectorCase.Wish], of device: inout DeviceUnderTest, _ problems: inout [String]) {
        if !device.isReady { for _ in 0..<8 where !device.isReady && device.isWaiting { device.timePasses() } }
        device.atReady = []
        var wanted: [(slot: Int, value: Int32, milliseconds: UInt32)] = []
        for wish in wishes {
            if wish.verb == "stop" {
                device.stops()
            } else if let input = InputType.named(wish.verb), input == .battery {
                if !device.asks(input) { problems.append("cannot be asked for \(wish.verb)") }
            } else if let found = slot(wish, device.model) {
                wanted.append(found)
            } else {
                problems.append("has no \(wish.verb) \(wish.index)")
            }
        }
        device.wants(wanted)
    }

    /// An index counts the outputs, or, where that one is of another type, the outputs of the type.
    private static func slot(_ wish: VectorCase.Wish, _ model: Model?) -> (slot: Int, value: Int32, milliseconds: UInt32)? {
        guard let model, let type = OutputType.named(wish.verb) else { return nil }
        let places = model.outputs.indices.filter { model.outputs[$0].type == type }
        let place =
            places.contains(wish.index) && !type.isMove
            ? wish.index : wish.index < places.count ? places[wish.index] : nil
        guard let place else { return nil }
        let scaled = Double(model.outputs[place].range.upperBound) * abs(wish.fraction)
        let steps = Int32(type.isMove ? scaled : scaled < 1e-6 ? 0 : scaled.rounded(.up))
        return (place, wish.fraction < 0 ? -steps : steps, wish.milliseconds)
    }
}
