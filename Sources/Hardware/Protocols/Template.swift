// A protocol that is a row of text: packets whose bytes are numbers, values and small sums.
// Must not know how a row is written; `TemplateText` reads it once, into the operations that this carries out.

import Buttplug
import Host

/// One step in making a packet. Expressions leave one number each on a stack.
struct TemplateOperation: Hashable, Sendable {
    enum Code: UInt8, Hashable, Sendable {
        /// Puts a number on the stack: a constant, or one of the device's numbers.
        case constant, value, isOn, magnitude, isNegative, milliseconds, feature, slot, isAny, isSingle, number
        /// The sum, or the exclusive or, of the packet's bytes so far, from an offset on.
        case sum, exclusive
        /// Takes two numbers and leaves one.
        case add, subtract, multiply, divide, remainder, shift, or, and, largest
        /// Takes a condition and two numbers and leaves one of these.
        case choose
        /// Writes: a constant byte; the number on the stack as a byte, as 16 bits, or in digits; a byte for each slot, at least so many.
        case literal, byte, bigEndian, littleEndian, decimal, slots
        /// Closes the packet.
        case end
    }

    var code: Code
    var operand: Int32 = 0
}

/// What one row says of some of the outputs.
struct TemplateLine: Hashable, Sendable {
    enum Selector: Hashable, Sendable {
        /// One packet that has all outputs.
        case all
        /// A packet for each output; of a type, or at a place in the order of outputs.
        case each
        case type(OutputType)
        case slot(Int)
    }

    var selector: Selector
    var body: [TemplateOperation] = []
    /// For an output that is zero.
    var zero: [TemplateOperation]?
    /// For all outputs at zero.
    var rest: [TemplateOperation]?
}

/// What the rows of one protocol say.
struct TemplateProgram: Hashable, Sendable {
    /// How the model is found.
    enum Identity: Hashable, Sendable {
        /// By the advertised name, or by that up to its first digit.
        case name, letters
        /// By what the device says in `rxblemodel`, as text or in hexadecimal digits.
        case text, digits
    }

    /// The first that selects an output says how it is written.
    var lines: [TemplateLine] = []
    var identity = Identity.name
    var subscriptions: [DeviceEndpoint] = []
    /// Written before the device is ready.
    var first: [TemplateOperation] = []
    /// To be waited after that.
    var pause: Interval?
    /// To be repeated after: always, or while an output is not zero.
    var again: Interval?
    var running: Interval?

    /// Deep enough for every expression that `TemplateText` lets through.
    static let stackDepth = 16
}

/// A device that is driven by the rows of its protocol.
struct Template: DeviceProtocol {
    private let program: TemplateProgram
    private let name: String
    private let canRead: Bool
    /// Which line writes each slot; nil when none does.
    private var lines: [Int?] = []
    private var features: [UInt32] = []
    /// How many packets were made with a number in them.
    private var packets: Int32 = 0
    /// Whether an output is not zero.
    private var isRunning = false

    init(_ program: TemplateProgram, _ setup: DeviceSetup) {
        self.program = program
        name = setup.name
        canRead = setup.endpoints.contains(.rxblemodel)
    }

    var keepAlive: KeepAlive { (program.again ?? (isRunning ? program.running : nil)).map { .again($0) } ?? .none }

    var memory: DeviceMemory {
        get { DeviceMemory(first: packets) }
        set { packets = newValue.first }
    }

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        switch program.identity {
        case .name: return .model(nil)
        case .letters: return .model(String(name.prefix { !$0.isNumber }))
        case .text, .digits:
            guard canRead else { return .model(nil) }
            out.read(.rxblemodel)
            return .wait(.seconds(2))
        }
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        features = model.outputs.map(\.feature)
        lines = model.outputs.enumerated().map { slot, output in
            program.lines.firstIndex { line in
                switch line.selector {
                case .all, .each: true
                case .type(let type): type == output.type
                case .slot(let wanted): wanted == slot
                }
            }
        }
        for endpoint in program.subscriptions { out.subscribe(endpoint) }
        run(program.first, OutputState(), slot: 0, into: &out)
        return program.pause.map { .wait($0) } ?? .ready
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .rxblemodel, lines.isEmpty else { return nil }
        switch program.identity {
        case .text: return .model(ASCII.text(bytes))
        case .digits: return .model(ASCII.hexadecimal(bytes))
        case .name, .letters: return nil
        }
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        features.isEmpty && program.pause == nil ? .refused("the device does not say which model it is") : .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        var combined = false
        isRunning = isAny(state)
        for slot in 0..<lines.count where state.isDirty(slot) {
            guard let index = lines[slot] else { continue }
            let line = program.lines[index]
            if line.selector == .all {
                if combined { continue }
                combined = true
            }
            if let rest = line.rest, !isRunning {
                run(rest, state, slot: slot, into: &out)
            } else if let zero = line.zero, state.values[slot] == 0 {
                run(zero, state, slot: slot, into: &out)
            } else {
                run(line.body, state, slot: slot, into: &out)
            }
        }
    }

    private func isAny(_ state: borrowing OutputState) -> Bool {
        for slot in 0..<lines.count where state.values[slot] != 0 { return true }
        return false
    }

    private mutating func run(
        _ operations: [TemplateOperation], _ state: borrowing OutputState, slot: Int, into out: inout DeviceOutput
    ) {
        var stack = InlineArray<16, Int32>(repeating: 0)
        var top = -1
        func push(_ number: Int32) {
            top += 1
            stack[top] = number
        }
        func reduce(_ combine: (Int32, Int32) -> Int32) {
            top -= 1
            stack[top] = combine(stack[top], stack[top + 1])
        }
        let value = state.values[slot]
        for operation in operations {
            let operand = operation.operand
            switch operation.code {
            case .literal: out.byte(operand)
            case .constant: push(operand)
            case .value: push(value)
            case .isOn: push(value == 0 ? 0 : 1)
            case .magnitude: push(Int32(truncatingIfNeeded: value.magnitude))
            case .isNegative: push(value < 0 ? 1 : 0)
            case .milliseconds: push(Int32(truncatingIfNeeded: min(state.durations[slot], 0xFFFF)))
            case .feature: push(slot < features.count ? Int32(truncatingIfNeeded: features[slot]) : 0)
            case .slot: push(Int(operand) < lines.count ? state.values[Int(operand)] : 0)
            case .isAny: push(isRunning ? 1 : 0)
            case .isSingle: push(lines.count == 1 ? 1 : 0)
            case .number:
                push(packets & 0xFF)
                packets &+= 1
            case .sum: push(out.packet.dropFirst(Int(operand)).reduce(0) { $0 &+ Int32($1) })
            case .exclusive: push(out.packet.dropFirst(Int(operand)).reduce(0) { $0 ^ Int32($1) })
            case .add: reduce(&+)
            case .subtract: reduce(&-)
            case .multiply: reduce(&*)
            case .divide: reduce { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
            case .remainder: reduce { $1 == 0 ? 0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue }
            case .shift: reduce { $0 << $1 }
            case .or: reduce(|)
            case .and: reduce(&)
            case .largest: reduce(max)
            case .choose:
                top -= 2
                stack[top] = stack[top] != 0 ? stack[top + 1] : stack[top + 2]
            case .byte, .bigEndian, .littleEndian, .decimal:
                write(stack[top], operation, into: &out)
                top -= 1
            case .slots:
                for slot in 0..<max(lines.count, Int(operand)) { out.byte(slot < lines.count ? state.values[slot] : 0) }
            case .end:
                out.end(DeviceEndpoint(rawValue: UInt8(truncatingIfNeeded: operand >> 1)), operand & 1 == 1 ? .confirmed : .plain)
                out.memory.first = packets
            }
        }
    }

    private func write(_ number: Int32, _ operation: TemplateOperation, into out: inout DeviceOutput) {
        switch operation.code {
        case .bigEndian:
            out.byte(number >> 8)
            out.byte(number)
        case .littleEndian:
            out.byte(number)
            out.byte(number >> 8)
        case .decimal:
            if operation.operand == 2, (0..<10).contains(number) { out.byte(UInt8(ascii: "0")) }
            out.decimal(number)
        default: out.byte(number)
        }
    }
}
