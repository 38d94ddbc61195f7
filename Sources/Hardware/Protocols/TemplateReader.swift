// Reads the bytes of a row; numbers are hexadecimal. Must not know what `TemplateOperation` does with the letters:
//   a0          a byte in hexadecimal            "V{v};"     text; {v} and {i} in digits, {v:2} with two at least
//   s* s*2      a byte for each output (two)     7( v 14 )   the same, seven times
//   v+1 v?ff:0  a byte that is computed          be16(v)     two bytes, the high one first; le16(v) the low one first
//   +           the next packet                  to txmode confirmed   where the packet goes, and how

struct TemplateReader {
    typealias Refusal = TemplateText.Refusal

    /// Where a packet goes, and how.
    struct Target: Hashable {
        var endpoint = DeviceEndpoint.tx
        var delivery = Delivery.plain
    }

    private(set) var operations: [TemplateOperation] = []
    /// Where the first packet goes.
    private(set) var first: Target
    private var target: Target
    private let defaults: Target
    private var isFirst = true
    private var begin = 0

    init(target: Target) {
        defaults = target
        self.target = target
        first = target
    }

    mutating func read(_ words: ArraySlice<Substring>) throws(Refusal) {
        var words = words
        var repeats: [(start: Int, count: Int)] = []
        while let word = words.popFirst() {
            if word == "+" {
                close()
            } else if word == "confirmed" {
                target.delivery = .confirmed
            } else if word == "to" {
                guard let endpoint = words.popFirst().flatMap({ DeviceEndpoint(named: $0) }) else { throw Refusal(what: "to where?") }
                target.endpoint = endpoint
            } else if word.hasSuffix("("), let count = Int(word.dropLast()), 1...64 ~= count {
                repeats.append((operations.count, count))
            } else if word == ")" {
                guard let group = repeats.popLast() else { throw Refusal(what: "a ) without its (") }
                let once = Array(operations[group.start...])
                for _ in 1..<max(group.count, 1) { operations.append(contentsOf: once) }
                guard operations.count < 1_024 else { throw Refusal(what: "too long") }
            } else {
                try item(word)
            }
        }
        guard repeats.isEmpty else { throw Refusal(what: "a ( without its )") }
        close()
    }

    private mutating func close() {
        if isFirst { first = target }
        isFirst = false
        if operations.count > begin {
            let operand = Int32(target.endpoint.rawValue) << 1 | (target.delivery == .confirmed ? 1 : 0)
            operations.append(TemplateOperation(code: .end, operand: operand))
        }
        begin = operations.count
        target = defaults
    }

    private mutating func item(_ word: Substring) throws(Refusal) {
        if word.utf8.count == 2, let byte = UInt8(word, radix: 16), word.first != "+" {
            operations.append(TemplateOperation(code: .literal, operand: Int32(byte)))
        } else if word == "s*" || word == "s*2" {
            operations.append(TemplateOperation(code: .slots, operand: word == "s*2" ? 2 : 0))
        } else if word.hasPrefix("\"") {
            try text(word.dropFirst())
        } else if word.hasPrefix("be16(") || word.hasPrefix("le16(") {
            try expression(word.dropFirst(4))
            operations.append(TemplateOperation(code: word.hasPrefix("be") ? .bigEndian : .littleEndian))
        } else {
            try expression(word)
            operations.append(TemplateOperation(code: .byte))
        }
    }

    private mutating func expression(_ word: Substring) throws(Refusal) {
        var reader = TemplateExpression(text: Array(word.utf8))
        try reader.read()
        operations.append(contentsOf: reader.operations)
    }

    private mutating func text(_ word: Substring) throws(Refusal) {
        guard word.hasSuffix("\"") else { throw Refusal(what: "the text does not end") }
        var rest = word.dropLast()
        while let character = rest.popFirst() {
            if character == "{" {
                guard let end = rest.firstIndex(of: "}") else { throw Refusal(what: "a { without its }") }
                let name = rest[..<end]
                rest = rest[rest.index(after: end)...]
                switch name {
                case "v": operations += [TemplateOperation(code: .value), TemplateOperation(code: .decimal)]
                case "v:2": operations += [TemplateOperation(code: .value), TemplateOperation(code: .decimal, operand: 2)]
                case "i": operations += [TemplateOperation(code: .feature), TemplateOperation(code: .decimal)]
                default: throw Refusal(what: "{\(name)} is not one of {v}, {v:2}, {i}")
                }
            } else {
                for byte in character.utf8 { operations.append(TemplateOperation(code: .literal, operand: Int32(byte))) }
            }
        }
    }
}

/// One expression: `a?b:c`, then `+ - | &`, then `* / % <<`, then brackets, names and numbers.
struct TemplateExpression {
    typealias Refusal = TemplateText.Refusal

    let text: [UInt8]
    private(set) var operations: [TemplateOperation] = []
    private var at = 0
    private var depth = 0
    private var nesting = 0

    init(text: [UInt8]) { self.text = text }

    mutating func read() throws(Refusal) {
        try choice()
        guard at == text.count else { throw refusal() }
    }

    private func refusal() -> Refusal { Refusal(what: "\(String(decoding: text, as: UTF8.self)) cannot be computed") }

    private mutating func take(_ word: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard text[at...].starts(with: bytes) else { return false }
        at += bytes.count
        return true
    }

    /// Adds an operation that changes the depth of the stack by so much.
    private mutating func add(_ code: TemplateOperation.Code, _ operand: Int32 = 0, _ change: Int) throws(Refusal) {
        depth += change
        guard depth <= TemplateProgram.stackDepth else { throw refusal() }
        operations.append(TemplateOperation(code: code, operand: operand))
    }

    private mutating func operation(_ signs: [(StaticString, TemplateOperation.Code)]) -> TemplateOperation.Code? {
        for (sign, code) in signs where take(sign) { return code }
        return nil
    }

    private mutating func choice() throws(Refusal) {
        nesting += 1
        guard nesting <= TemplateProgram.stackDepth else { throw refusal() }
        try sum()
        if take("?") {
            try choice()
            guard take(":") else { throw refusal() }
            try choice()
            try add(.choose, 0, -2)
        }
        nesting -= 1
    }

    private mutating func sum() throws(Refusal) {
        try chain([("+", .add), ("-", .subtract), ("|", .or), ("&", .and)]) { reader throws(Refusal) in try reader.product() }
    }

    private mutating func product() throws(Refusal) {
        try chain([("*", .multiply), ("/", .divide), ("%", .remainder), ("<<", .shift)]) { reader throws(Refusal) in try reader.primary() }
    }

    /// Operands with operations of one rank between them, from left to right.
    private mutating func chain(
        _ signs: [(StaticString, TemplateOperation.Code)], _ operand: (inout Self) throws(Refusal) -> Void
    ) throws(Refusal) {
        try operand(&self)
        while let code = operation(signs) {
            try operand(&self)
            try add(code, 0, -1)
        }
    }

    private mutating func primary() throws(Refusal) {
        if take("max(") {
            try choice()
            guard take(",") else { throw refusal() }
            try choice()
            guard take(")") else { throw refusal() }
            return try add(.largest, 0, -1)
        }
        if take("(") {
            try choice()
            guard take(")") else { throw refusal() }
            return
        }
        let rest = text[at...].prefix { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 }
        let name = String(decoding: rest, as: UTF8.self)
        at += rest.count
        switch name {
        case "v": try add(.value, 0, 1)
        case "on": try add(.isOn, 0, 1)
        case "mag": try add(.magnitude, 0, 1)
        case "dir": try add(.isNegative, 0, 1)
        case "ms": try add(.milliseconds, 0, 1)
        case "i": try add(.feature, 0, 1)
        case "any": try add(.isAny, 0, 1)
        case "one": try add(.isSingle, 0, 1)
        case "k": try add(.number, 0, 1)
        case "sum": try add(.sum, 0, 1)
        case "sum1": try add(.sum, 1, 1)
        case "xor": try add(.exclusive, 0, 1)
        default:
            if name.hasPrefix("s"), let slot = Int32(name.dropFirst()), slot < OutputState.slotsMax {
                try add(.slot, slot, 1)
            } else if 1...4 ~= name.utf8.count, let number = Int32(name, radix: 16) {
                try add(.constant, number, 1)
            } else {
                throw refusal()
            }
        }
    }
}
