// Reads the rows of `Rows.swift`. A row:
//   NAME OUTPUTS [confirmed] [to ENDPOINT] BYTES [/ zero BYTES] [/ rest BYTES] [/ first BYTES] [/ again 93ms] [/ …] [; remark]
// `TemplateReader` says what can stand for the bytes. Must not know what a device makes of them.

import Buttplug
import Host

/// What is wrong with a row.
struct TemplateProblem: Error, Hashable, CustomStringConvertible {
    /// Counted from 1.
    var line: Int
    var what: String
    var description: String { "line \(line): \(what)" }
}

enum TemplateText {
    /// The protocols of a text by name, and what could not be read. Rows of one name are one protocol.
    static func read(_ text: String) -> (programs: [String: TemplateProgram], problems: [TemplateProblem]) {
        var programs: [String: TemplateProgram] = [:]
        var problems: [TemplateProblem] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ").prefix { !$0.hasPrefix(";") }
            guard let name = words.first else { continue }
            do throws(Refusal) {
                var program = programs[String(name)] ?? TemplateProgram()
                try read(Array(words.dropFirst()), into: &program)
                programs[String(name)] = program
            } catch {
                problems.append(TemplateProblem(line: number + 1, what: error.what))
            }
        }
        return (programs, problems)
    }

    struct Refusal: Error { var what: String }

    private static func read(_ words: [Substring], into program: inout TemplateProgram) throws(Refusal) {
        guard let first = words.first else { throw Refusal(what: "the row has no outputs") }
        var line = TemplateLine(selector: try selector(first))
        var defaults = TemplateReader.Target()
        for (index, part) in words.dropFirst().split(separator: "/", omittingEmptySubsequences: false).enumerated() {
            if index == 0 {
                var reader = TemplateReader(target: defaults)
                try reader.read(part)
                line.body = reader.operations
                defaults = reader.first
                guard !line.body.isEmpty else { throw Refusal(what: "the row has no bytes") }
            } else {
                try clause(part, defaults, &line, &program)
            }
        }
        program.lines.append(line)
    }

    private static func clause(
        _ words: ArraySlice<Substring>, _ target: TemplateReader.Target, _ line: inout TemplateLine, _ program: inout TemplateProgram
    ) throws(Refusal) {
        guard let keyword = words.first else { throw Refusal(what: "nothing stands after /") }
        let rest = words.dropFirst()
        switch keyword {
        case "zero", "rest", "first":
            var reader = TemplateReader(target: target)
            try reader.read(rest)
            if keyword == "zero" {
                line.zero = reader.operations
            } else if keyword == "rest" {
                line.rest = reader.operations
            } else {
                program.first = reader.operations
            }
        case "again": program.again = try interval(rest.first)
        case "running": program.running = try interval(rest.first)
        case "pause": program.pause = try interval(rest.first)
        case "subscribe":
            guard let endpoint = rest.first.flatMap({ DeviceEndpoint(named: $0) }) else { throw Refusal(what: "subscribe what?") }
            program.subscriptions.append(endpoint)
        case "model":
            switch rest.first {
            case "letters": program.identity = .letters
            case "text": program.identity = .text
            case "digits": program.identity = .digits
            default: throw Refusal(what: "a model is found by letters, text or digits")
            }
        default: throw Refusal(what: "\(keyword) is not one of zero, rest, first, again, running, pause, subscribe, model")
        }
    }

    private static func selector(_ word: Substring) throws(Refusal) -> TemplateLine.Selector {
        switch word {
        case "all": return .all
        case "each": return .each
        case "vibrate": return .type(.vibrate)
        case "rotate": return .type(.rotate)
        case "oscillate": return .type(.oscillate)
        case "constrict": return .type(.constrict)
        case "move": return .type(.hwPositionWithDuration)
        default:
            guard word.hasPrefix("slot"), let slot = Int(word.dropFirst(4)), slot < OutputState.slotsMax, slot >= 0 else {
                throw Refusal(what: "\(word) selects no outputs")
            }
            return .slot(slot)
        }
    }

    /// "93ms" or "3s", up to an hour.
    private static func interval(_ word: Substring?) throws(Refusal) -> Interval {
        if let word, word.hasSuffix("ms"), let number = Int64(word.dropLast(2)), 1...3_600_000 ~= number { return .milliseconds(number) }
        if let word, word.hasSuffix("s"), let number = Int64(word.dropLast(1)), 1...3_600 ~= number { return .seconds(number) }
        throw Refusal(what: "\(word ?? "nothing") is no time")
    }
}
