// Lovense: commands in ASCII that end with ";". The device says its model; what its outputs are decides how it is driven.
// Must not know models, but for two strokers that differ.

import Buttplug
import Host

struct Lovense: DeviceProtocol {
    /// How the outputs are written.
    private enum Class {
        /// One motor, also of a machine.
        case single
        /// A motor and a pump.
        case pump
        /// A motor and a rotation with direction.
        case rotator
        /// Two motors, each by its number.
        case numbered
        /// All outputs in one command.
        case multiple
        /// A machine that also goes to positions.
        case stroker
    }

    private let name: String
    private var tries = 0
    private var isReady = false
    private var kind = Class.single
    private var outputs: [ModelOutput] = []
    /// Which way a rotator turns. `RotateChange;` toggles it, so it is sent when the sign changes and at no other time.
    private var isBackwards = false
    private var asksBattery = false
    /// The stroker that takes positions, and on its way to one: where it is and where it goes.
    private var takesPositions = false
    private var position: Int32 = 0
    private var goal: Int32 = 0
    private var step: Int32 = 0

    private static let triesMax = 6
    private static let stride = Interval.milliseconds(100)

    init(_ setup: DeviceSetup) { name = setup.name }

    var keepAlive: KeepAlive { position == goal ? .none : .ask(Self.stride) }

    // MARK: Opening

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        out.subscribe(.rx)
        return waited(into: &out)
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        if isReady {
            move(into: &out)
            return .ready
        }
        tries += 1
        guard tries <= Self.triesMax else { return .model(Self.letters(in: name)) }
        out.text("DeviceType;")
        out.end()
        return .wait(.milliseconds(500))
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        let types = Set(outputs.map(\.type))
        if model.identifier == "BA" || model.identifier == "H" {
            kind = .stroker
            takesPositions = model.identifier == "BA"
        } else if outputs.count == 1 {
            kind = .single
        } else if outputs.count == 2, types == [.vibrate, .constrict] {
            kind = .pump
        } else if outputs.count == 2, types == [.vibrate, .rotate] {
            kind = .rotator
        } else {
            kind = outputs.count > 2 ? .multiple : .numbered
        }
        isReady = true
        return .ready
    }

    /// The letters after "LVS-", when digits follow: "Z" of "LVS-Z001".
    private static func letters(in name: String) -> String? {
        guard name.hasPrefix("LVS-") else { return nil }
        let rest = name.dropFirst(4)
        let letters = rest.prefix { "A"..."Z" ~= $0 }
        guard !letters.isEmpty, let next = rest.dropFirst(letters.count).first, "0"..."9" ~= next else { return nil }
        return String(letters)
    }

    // MARK: What it says

    mutating func ask(_ input: InputType, into out: inout DeviceOutput) -> Bool {
        guard input == .battery else { return false }
        asksBattery = true
        out.text("Battery;")
        out.end()
        return true
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard let text = ASCII.text(bytes), text.hasSuffix(";") else {
            // A part of an answer would be a wrong number.
            if asksBattery { out.reading(.battery, nil) }
            asksBattery = false
            return nil
        }
        if asksBattery, let percent = Self.battery(text) {
            asksBattery = false
            out.reading(.battery, percent)
        }
        return isReady ? nil : Self.model(text).map { .model($0) }
    }

    /// The percentage of "85;", or of "s85;" while it moves.
    private static func battery(_ text: String) -> Int32? {
        let digits = text.dropLast().dropFirst(text.hasPrefix("s") ? 1 : 0)
        guard 1...3 ~= digits.utf8.count, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int32(digits)
    }

    /// The model of "Z:11:0082059AD3BD;". One of them has two, told apart by its firmware.
    private static func model(_ text: String) -> String? {
        let fields = text.dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, let name = fields.first, 1...8 ~= name.utf8.count,
            name.utf8.allSatisfy({ 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 })
        else { return nil }
        return name == "EI" && (Int(fields[1]) ?? 0) >= 3 ? "EI-FW3" : String(name)
    }

    // MARK: What it does

    var memory: DeviceMemory {
        get { DeviceMemory(first: isBackwards ? 1 : 0, second: position, third: goal, fourth: step) }
        set { (isBackwards, position, goal, step) = (newValue.first != 0, newValue.second, newValue.third, newValue.fourth) }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        if kind == .multiple {
            for slot in outputs.indices {
                if slot == 0 { out.text("Mply:") } else { out.text(":") }
                out.decimal(state.values[slot].magnitude)
            }
            out.text(";")
            return out.end()
        }
        for slot in outputs.indices where state.isDirty(slot) {
            let value = state.values[slot]
            switch (kind, outputs[slot].type) {
            case (.stroker, .oscillate): stroke(value, into: &out)
            case (.stroker, .hwPositionWithDuration), (.stroker, .position): go(to: value, in: state.durations[slot], into: &out)
            case (.pump, .constrict): command("Air:Level:", value, into: &out)
            case (.rotator, .rotate): rotate(value, into: &out)
            case (.numbered, _): command(slot == 0 ? "Vibrate1:" : "Vibrate2:", value, into: &out)
            default: command("Vibrate:", value, into: &out)
            }
        }
    }

    private func command(_ name: StaticString, _ value: Int32, into out: inout DeviceOutput) {
        out.text(name)
        out.decimal(value.magnitude)
        out.text(";")
        out.end()
    }

    private mutating func rotate(_ value: Int32, into out: inout DeviceOutput) {
        if value != 0, (value < 0) != isBackwards {
            isBackwards.toggle()
            out.text("RotateChange;")
            out.end()
            out.memory = memory
        }
        command("Rotate:", value, into: &out)
    }

    private mutating func stroke(_ value: Int32, into out: inout DeviceOutput) {
        if value == 0 { goal = position }
        out.text("Mply:")
        out.decimal(value)
        out.text(value == 0 && !takesPositions ? ":0;" : ":20;")
        out.end()
    }

    /// This machine has no time: it is told a way point ten times a second.
    private mutating func go(to value: Int32, in milliseconds: UInt32, into out: inout DeviceOutput) {
        guard takesPositions else { return }
        goal = value
        let steps = Int32(clamping: max(milliseconds / 100, 1))
        step = (goal - position) / steps
        if step == 0 { step = (goal - position).signum() }
        move(into: &out)
    }

    mutating func endMoves() { goal = position }

    private mutating func move(into out: inout DeviceOutput) {
        guard position != goal else { return }
        position = step < 0 ? max(position + step, goal) : min(position + step, goal)
        command("FSetSite:", position, into: &out)
    }
}
