// T-code 0.3: strokers with several axes that are told lines of text (`L09999I100 R05000`).
// The device says which axes it has; one that does not has those of the configuration, or one stroke.

import Buttplug
import Host

struct TCode: DeviceProtocol {
    static let name = "tcode-v03"

    /// An axis: a letter and a digit.
    struct Axis: Hashable, Comparable, Sendable {
        /// "L", "R", "V" or "A", as a byte.
        var kind: UInt8
        var channel: UInt8

        /// Linear and turning axes go somewhere; vibration and air are held.
        var isMove: Bool { kind == UInt8(ascii: "L") || kind == UInt8(ascii: "R") }
        /// The pump for lubricant. Nobody is shown it: it would run as long as an output is not zero.
        var isPump: Bool { kind == UInt8(ascii: "A") && channel == 2 }
        var text: String { String(decoding: [kind, UInt8(ascii: "0") + channel], as: UTF8.self) }

        private var rank: Int { [UInt8]("LRVA".utf8).firstIndex(of: kind) ?? 4 }
        static func < (a: Axis, b: Axis) -> Bool { a.rank == b.rank ? a.channel < b.channel : a.rank < b.rank }

        init?(_ text: ArraySlice<UInt8>) {
            guard text.count == 2, let kind = text.first, let digit = text.last, "LRVA".utf8.contains(kind & 0xDF), 48...57 ~= digit else {
                return nil
            }
            self.kind = kind & 0xDF
            channel = digit - 48
        }
    }

    /// The axes of "L0,R0,V0"; nil when it is no such list.
    static func axes(_ text: String) -> [Axis]? {
        let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let axes = parts.compactMap { Axis(ArraySlice(Array($0).drop { $0 == 32 })) }
        return axes.count == parts.count && Set(axes).count == axes.count && outputs(of: axes.sorted()).count <= OutputState.slotsMax
            ? axes : nil
    }

    /// The highest value: four digits of a fraction.
    static let valueMax: Int32 = 9_999
    /// The longest time of a move, in milliseconds.
    static let durationMax: Int32 = 60_000
    /// A device that is asked says its axes without such a pause.
    private static let pause = Interval.milliseconds(200)

    private var found: [Axis] = []
    private var axisTexts: [Axis: String] = [:]
    private var lines = LineReader()
    private var firmware: String?
    /// By slot.
    private var slots: [Axis] = []
    private var step = Step.name

    init(_ setup: DeviceSetup) {
        if let axes = setup.model.flatMap(Self.axes) { found = axes }
    }

    /// What it is asked, one after the other: answers may come in pieces, and firmware need not keep them apart.
    private enum Step {
        /// Its name (D0). Can turn into: axes.
        case name
        /// Its axes (D2). Can turn into: open.
        case axes
        case open
    }

    // MARK: Opening

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        if !found.isEmpty { return .described(model) }
        out.text("D0\n")
        out.end()
        return .wait(.milliseconds(500))
    }

    private mutating func askAxes(into out: inout DeviceOutput) -> Opening {
        step = .axes
        out.text("D2\n")
        out.end()
        return .wait(.seconds(1))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        let read = lines.take(bytes)
        switch step {
        case .name:
            guard !read.isEmpty else { return nil }
            readName(read[0])
            return askAxes(into: &out)
        case .axes:
            let before = found.count
            for line in read { readAxis(line) }
            return found.count > before ? .wait(Self.pause) : nil
        case .open: return nil
        }
    }

    /// A line that can be shown as it is.
    private mutating func readName(_ line: [UInt8]) {
        guard let text = String(validating: line, as: UTF8.self), !text.isEmpty, ShownName.clean(text) == text else { return }
        firmware = text
    }

    /// "L0 0 9999 Stroke" is an axis.
    private mutating func readAxis(_ line: [UInt8]) {
        let parts = line.split(separator: 32, maxSplits: 3)
        guard parts.count >= 3, let axis = Axis(parts[0]), Self.isNumber(parts[1]), Self.isNumber(parts[2]) else { return }
        guard !found.contains(axis), Self.outputs(of: found + [axis]).count <= OutputState.slotsMax else { return }
        found.append(axis)
        if parts.count == 4 { axisTexts[axis] = String(validating: parts[3], as: UTF8.self) }
    }

    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool { !text.isEmpty && text.allSatisfy { 48...57 ~= $0 } }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        if step == .name { return askAxes(into: &out) }
        if found.isEmpty {
            found = Self.axes("L0") ?? []
            firmware = nil
        }
        return .described(model)
    }

    private var model: Model {
        let axes = found.sorted()
        var model = Model(name: firmware ?? "T-code stroker", protocolName: Self.name)
        model.outputs = Self.outputs(of: axes)
        for (feature, axis) in axes.filter({ !$0.isPump }).enumerated() {
            model.descriptions[UInt32(feature)] = axisTexts[axis].map { ShownName.clean("\(axis.text) \($0)") } ?? axis.text
        }
        return model
    }

    private static func outputs(of axes: [Axis]) -> [ModelOutput] {
        var outputs: [ModelOutput] = []
        for (index, axis) in axes.filter({ !$0.isPump }).enumerated() {
            let feature = UInt32(index)
            if axis.isMove {
                outputs.append(ModelOutput(feature: feature, type: .position, range: 0...valueMax))
                outputs.append(
                    ModelOutput(feature: feature, type: .hwPositionWithDuration, range: 0...valueMax, duration: 0...durationMax))
            } else {
                outputs.append(
                    ModelOutput(feature: feature, type: axis.kind == UInt8(ascii: "V") ? .vibrate : .constrict, range: 0...valueMax))
            }
        }
        return outputs
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        let axes = found.sorted().filter { !$0.isPump }
        slots = model.outputs.map { axes[Int($0.feature)] }
        step = .open
        return .ready
    }

    // MARK: Lines

    /// All that changed is one line. A stop ends moves first.
    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        if state.isStop { out.text("DSTOP\n") }
        var isFirst = true
        for slot in slots.indices where state.isDirty(slot) {
            // Of two targets of one axis the one with a time counts.
            let hasTime = slots[slot].isMove && slot > 0 && slots[slot - 1] == slots[slot]
            if slots[slot].isMove, !hasTime, slot + 1 < slots.count, slots[slot + 1] == slots[slot], state.isDirty(slot + 1) { continue }
            if !isFirst { out.byte(32) }
            isFirst = false
            let value = min(max(0, state.values[slot]), Self.valueMax)
            out.byte(slots[slot].kind)
            out.byte(48 + slots[slot].channel)
            out.byte(48 + value / 1_000)
            out.byte(48 + value / 100 % 10)
            out.byte(48 + value / 10 % 10)
            out.byte(48 + value % 10)
            if hasTime {
                out.text("I")
                out.decimal(state.durations[slot])
            }
        }
        if !isFirst { out.text("\n") }
        out.end()
    }
}
