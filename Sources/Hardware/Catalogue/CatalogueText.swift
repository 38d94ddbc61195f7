// Reads the catalogue's own text of facts. A line each:
//   protocol NAME · names "A" "B-*" · makers 005d 0000 · advertises UUID… · service UUID tx=UUID rx=UUID · serial 115200 · gap 50
//   defaults "Name" FEATURES · model "ID"|"ID" "Name" FEATURES     (without features: those of the defaults)
// Features: "vibrate 20, rotate ±20, 4:constrict 9 (Pump), oscillate 20+move 100, battery?". Must not know any protocol.

import Buttplug

struct CatalogueText {
    struct Problem: Error, Hashable, CustomStringConvertible {
        /// Counted from 1.
        var line: Int
        var what: String
        var description: String { "line \(line): \(what)" }
    }

    struct Refusal: Error { var what: String }

    private(set) var protocols: [ProtocolFacts] = []
    private(set) var problems: [Problem] = []
    /// The gap and the variant apply to what follows within the protocol.
    private var gap: UInt32?

    /// Lines that cannot be read are left out and told.
    init(_ text: String) {
        for (number, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            do throws(Refusal) {
                try read(Substring(line))
            } catch {
                problems.append(Problem(line: number + 1, what: error.what))
            }
        }
    }

    private mutating func read(_ line: Substring) throws(Refusal) {
        var words = CatalogueWords(line)
        guard let keyword = words.word() else { return }
        if keyword == "protocol" {
            guard let name = words.word() else { throw Refusal(what: "the protocol has no name") }
            protocols.append(ProtocolFacts(name: String(name)))
            gap = nil
            return
        }
        guard !protocols.isEmpty else { throw Refusal(what: "\(keyword) stands before the first protocol") }
        let last = protocols.count - 1
        switch keyword {
        case "names": while let name = words.quoted() { protocols[last].names.append(NamePattern(text: name)) }
        case "makers": protocols[last].makers.append(try Self.maker(&words))
        case "advertises":
            while let word = words.word() { protocols[last].advertised.append(try Self.uuid(word, nil)) }
        case "service": protocols[last].services.append(try Self.service(&words))
        case "serial":
            guard let baud = words.word().flatMap({ Int($0) }), 300...4_000_000 ~= baud else { throw Refusal(what: "no speed") }
            protocols[last].baud = baud
        case "gap":
            guard let number = words.word().flatMap({ UInt32($0) }), number <= 60_000 else { throw Refusal(what: "no gap") }
            gap = number
        case "defaults":
            protocols[last].defaults = try model(&words, last)
        case "model":
            var identifiers: [String] = []
            repeat {
                guard let identifier = words.quoted() else { throw Refusal(what: "the model has no identifier") }
                identifiers.append(identifier)
            } while words.take("|")
            protocols[last].add(try model(&words, last), identifiers)
        default: throw Refusal(what: "\(keyword) is no word of the catalogue")
        }
        guard words.isAtEnd else { throw Refusal(what: "\(words.rest) is too much") }
    }

    private func model(_ words: inout CatalogueWords, _ last: Int) throws(Refusal) -> Model {
        guard let name = words.quoted() else { throw Refusal(what: "the model has no name") }
        let defaults = protocols[last].defaults
        var model = Model(name: name, protocolName: protocols[last].name, variant: defaults?.variant)
        model.gapMilliseconds = gap
        if words.take("as ") {
            guard let variant = words.word() else { throw Refusal(what: "as what?") }
            model.variant = String(variant)
        }
        if words.isAtEnd {
            model.outputs = defaults?.outputs ?? []
            model.inputs = defaults?.inputs ?? []
            return model
        }
        var index: UInt32 = 0
        repeat {
            try feature(&words, &index, &model)
        } while words.take(",")
        guard model.outputs.count <= OutputState.slotsMax else { throw Refusal(what: "more than \(OutputState.slotsMax) outputs") }
        return model
    }

    private func feature(_ words: inout CatalogueWords, _ index: inout UInt32, _ model: inout Model) throws(Refusal) {
        if let number = words.number(followedBy: ":") { index = number }
        if words.take("-") {
            index += 1
            return
        }
        var outputs: [ModelOutput] = []
        repeat {
            guard let kind = words.kind() else { throw Refusal(what: "\(words.rest) is no feature") }
            if let input = InputType.named(kind), let reads = words.takeMark() {
                let upper = words.number() ?? 100
                let range = InputRange(input, ranges: [0...Int32(clamping: upper)], canRead: reads, canSubscribe: !reads)
                model.inputs.append(ModelInput(feature: index, range: range))
            } else if let output = OutputType.named(kind) {
                let isSigned = words.take("±")
                guard let upper = words.number(), let steps = Int32(exactly: upper), steps > 0 else { throw Refusal(what: "no range") }
                let duration: ClosedRange<Int32>? = output == .hwPositionWithDuration ? 0...100_000 : nil
                outputs.append(
                    ModelOutput(feature: index, type: output, range: (isSigned ? -steps : 0)...steps, duration: duration))
            } else {
                throw Refusal(what: "\(kind) is no feature")
            }
        } while words.take("+")
        outputs.sort { $0.type.rawValue < $1.type.rawValue }
        model.outputs += outputs
        if let remark = words.bracketed() { model.descriptions[index] = remark }
        guard index < 1_024 else { throw Refusal(what: "the index is too large") }
        index += 1
    }

    // MARK: How devices are recognised

    private static func maker(_ words: inout CatalogueWords) throws(Refusal) -> MakerPattern {
        guard let company = words.word().flatMap({ UInt16($0, radix: 16) }) else { throw Refusal(what: "no company") }
        var data: [UInt8] = []
        var digits = Array((words.word() ?? "").utf8)[...]
        while !digits.isEmpty {
            guard let byte = UInt8(String(decoding: digits.prefix(2), as: UTF8.self), radix: 16), digits.count > 1 else {
                throw Refusal(what: "no bytes")
            }
            data.append(byte)
            digits = digits.dropFirst(2)
        }
        return MakerPattern(company: company, data: data)
    }

    private static func service(_ words: inout CatalogueWords) throws(Refusal) -> ServiceFacts {
        guard let word = words.word() else { throw Refusal(what: "no service") }
        var facts = ServiceFacts(service: try uuid(word, nil))
        while let word = words.word() {
            guard let equals = word.firstIndex(of: "="), let endpoint = DeviceEndpoint(named: word[..<equals]) else {
                throw Refusal(what: "\(word) names no endpoint")
            }
            let characteristic = try uuid(word[word.index(after: equals)...], facts.service)
            facts.endpoints.append(EndpointFacts(endpoint: endpoint, characteristic: characteristic))
        }
        return facts
    }

    /// Whole; four digits of an assigned number; or the first eight digits, when the others are those of the service.
    private static func uuid(_ word: Substring, _ service: UUID128?) throws(Refusal) -> UUID128 {
        if word.utf8.count == 8, let service, let number = UInt32(word, radix: 16) {
            return UUID128(high: UInt64(number) << 32 | service.high & 0xFFFF_FFFF, low: service.low)
        }
        guard let uuid = UUID128(word) else { throw Refusal(what: "\(word) is no UUID") }
        return uuid
    }
}
