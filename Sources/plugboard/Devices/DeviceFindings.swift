// What a look at hardware has found so far, and how it is told to people and to programs.
// Must not look at anything, nor know transports.

import Buttplug
import Hardware
import JSON

/// One thing that was found.
struct DeviceFinding: Hashable {
    var identity: String
    /// As it gives it itself.
    var name = ""
    var state: HardwareSighting.State?
    /// What it was told to be when it could be driven.
    var description: DeviceDescription?
    /// Which backend has it, and as which device; while it can be driven.
    var place: (backend: BackendNumber, device: BackendDevice)?
    /// What stood in the way last.
    var problem: String?

    static func == (one: Self, other: Self) -> Bool {
        one.identity == other.identity && one.state == other.state && one.problem == other.problem
    }
    func hash(into hasher: inout Hasher) { hasher.combine(identity) }

    /// Whether it can be driven, or could be while it was there.
    var isReady: Bool { description != nil }
    /// Whether something is still to come of it.
    var isPending: Bool {
        guard !isReady, problem == nil, case .tried? = state else { return false }
        return true
    }

    /// The protocol that drives it.
    var protocolName: String? {
        switch state {
        case .ready(let name, _)?: name
        case .tried(let protocols)?: protocols.first
        case .unknown?, .denied?, .notAllowed?, nil: nil
        }
    }
    var model: String? { if case .ready(_, let model)? = state { model } else { nil } }

    /// What it is taken for, or why not.
    var words: String {
        let trouble = problem.map { ", but: \($0)" } ?? ""
        switch state {
        case .unknown?: return "nothing: no protocol is for this name, maker or service"
        case .denied?: return "nothing: it is denied (deny in [[hardware.device]] or in the user's file)"
        case .notAllowed?: return "nothing: others are allowed, and it is not (allow in [[hardware.device]] or in the user's file)"
        case .tried(let protocols)?:
            let names = protocols.joined(separator: " or ")
            return problem == nil ? "\(names), but it did not become ready in time" : names + trouble
        case .ready(let name, _)?:
            let shown = description.map { $0.displayName ?? $0.name } ?? ""
            return "\(shown) (\(SupportedModels.words(ofProtocol: name)))\(trouble)"
        case nil: return problem ?? "nothing"
        }
    }

    /// "vibrate 0…20, battery".
    var features: [String] {
        (description?.features ?? []).flatMap { feature in
            feature.outputs.map { "\($0.type) \($0.isSigned ? "-\($0.steps)" : "0")...\($0.steps)" } + feature.inputs.map { "\($0.type)" }
        }
    }
}

/// Everything that was found.
struct DeviceFindings {
    private var all: [String: DeviceFinding] = [:]
    /// What is about no single device: an adapter that is off, a port that is taken.
    private(set) var notes: [String] = []
    private static let countMax = 1_000

    /// In an order that is the same each time: first those that can be driven, then those that could be, then the others.
    var rows: [DeviceFinding] {
        func rank(_ one: DeviceFinding) -> Int {
            if one.isReady { return 0 }
            if case .unknown? = one.state { return 2 }
            return 1
        }
        return all.values.sorted { (rank($0), $0.identity) < (rank($1), $1.identity) }
    }

    /// Those that can be driven, in the order of their numbers in the table.
    var ready: [DeviceFinding] { rows.filter(\.isReady) }
    var isPending: Bool { all.values.contains(where: \.isPending) }

    mutating func saw(_ sighting: HardwareSighting) {
        guard all.count < Self.countMax || all[sighting.identity] != nil else { return }
        var one = all[sighting.identity] ?? DeviceFinding(identity: sighting.identity)
        if !sighting.name.isEmpty { one.name = sighting.name }
        // It may be seen again while it can be driven; and that it can be may be told after it has appeared.
        if case .ready = sighting.state { one.state = sighting.state } else if !one.isReady { one.state = sighting.state }
        all[sighting.identity] = one
    }

    mutating func appeared(_ description: DeviceDescription, _ backend: BackendNumber, _ device: BackendDevice) {
        var one = all[description.identity] ?? DeviceFinding(identity: description.identity)
        one.description = description
        one.place = (backend, device)
        all[description.identity] = one
    }

    mutating func disappeared(_ backend: BackendNumber, _ device: BackendDevice) {
        for (identity, one) in all where one.place?.backend == backend && one.place?.device == device {
            all[identity]?.place = nil
            all[identity]?.problem = "it went away again"
        }
    }

    /// What a backend tells the operator.
    mutating func noticed(_ subject: String, _ problem: String?) {
        if all[subject] != nil {
            all[subject]?.problem = problem
        } else if let problem {
            if subject.hasPrefix("serial:/") {
                all[subject] = DeviceFinding(identity: subject, problem: problem)
            } else {
                note("\(subject): \(problem)")
            }
        }
    }

    mutating func note(_ text: String) { if !notes.contains(text), notes.count < Self.countMax { notes.append(text) } }

    var table: String {
        var table = TextTable(["NO", "DEVICE", "NAME", "TAKEN FOR"])
        var number = 0
        for one in rows {
            if one.isReady { number += 1 }
            let features = one.features.isEmpty ? "" : ": " + one.features.joined(separator: ", ")
            table.add([one.isReady ? "\(number)" : "-", one.identity, one.name.isEmpty ? "-" : one.name, one.words + features])
        }
        return table.text
    }

    /// `{"devices":[{"number":1,"identity":…,"name":…,"ready":true,"protocol":…,"model":…,"verified":…,"features":[…],"text":…}],"notes":[…]}`.
    var json: String {
        var text = JSONText()
        var number = 0
        text.object {
            $0.member("devices") {
                $0.array { list in
                    for one in rows {
                        if one.isReady { number += 1 }
                        list.object {
                            $0.member("number") { if one.isReady { $0.value(JSONTree.number(Double(number))) } else { $0.null() } }
                            $0.member("identity", one.identity)
                            $0.member("name", one.name)
                            $0.member("ready", one.isReady)
                            $0.member("protocol", one.protocolName)
                            $0.member("model", one.model)
                            $0.member("verified", one.protocolName.map(SupportedModels.isVerified) ?? false)
                            $0.member("features") { $0.array { list in for feature in one.features { list.value(feature) } } }
                            $0.member("text", one.words)
                        }
                    }
                }
            }
            $0.member("notes") { $0.array { list in for note in notes { list.value(note) } } }
        }
        return text.string + "\n"
    }
}
