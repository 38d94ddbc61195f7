// The cases of `Fixtures`, each played through the whole router in virtual time: the 130 cases, those that were found later, and those of
// every file that `PLUGBOARD_CASES` names.
// Must not know the rules of arbitration: a case says what is done and what must be seen.

import Buttplug
import Foundation
import Host
import Router
import Testing

@Suite struct ArbitrationCasesTests {
    static let cases = ArbitrationCaseFile.fixture("arbitration-cases")
    static let found = ArbitrationCaseFile.fixture("arbitration-found")
    static let named = ArbitrationCaseFile.named(by: ProcessInfo.processInfo.environment["PLUGBOARD_CASES"])

    @Test("every case is played: all 130, all that were found later, and those of PLUGBOARD_CASES, whose files can be read")
    func complete() {
        #expect(Self.cases.stories.count == 130)
        #expect(Self.found.stories.count >= 21)
        for file in Self.named { #expect(!file.stories.isEmpty, "\(file.path) has no cases, or cannot be read") }
    }

    @Test("devices, clients and the operator see exactly what a case says", arguments: cases.stories)
    func plays(_ story: ArbitrationCase) { expectAsTold(story) }

    @Test("cases that the router once got wrong are right", arguments: found.stories)
    func playsFound(_ story: ArbitrationCase) { expectAsTold(story) }

    /// One test for all of these cases: there may be any number of them.
    @Test("the cases of PLUGBOARD_CASES are right", arguments: named)
    func playsNamed(_ file: ArbitrationCaseFile) {
        for story in file.stories { expectAsTold(story) }
    }

    private func expectAsTold(_ story: ArbitrationCase) {
        let differences = ArbitrationCasePlayer(story).play()
        #expect(differences.isEmpty, "\(story.name) (§\(story.section)):\n\(differences.joined(separator: "\n"))")
    }
}

/// A file of cases, read once.
struct ArbitrationCaseFile: CustomTestStringConvertible, @unchecked Sendable {
    var path: String
    /// Empty when the file cannot be read.
    var stories: [ArbitrationCase]
    var testDescription: String { path }

    init(path: String) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path),
            let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any], let cases = root["cases"] as? [[String: Any]]
        else {
            stories = []
            return
        }
        let kinds = root["kinds"] as? [String: [String: Any]] ?? [:]
        stories = cases.map { ArbitrationCase($0, kinds: kinds) }
    }

    static func fixture(_ name: String) -> ArbitrationCaseFile {
        ArbitrationCaseFile(
            path: Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures")?.path ?? name + ".json")
    }

    /// The files of a list in the form of `PATH`.
    static func named(by list: String?) -> [ArbitrationCaseFile] {
        (list ?? "").split(separator: ":").map { ArbitrationCaseFile(path: String($0)) }
    }
}

/// One case: JSON objects as in the file, never changed.
struct ArbitrationCase: CustomTestStringConvertible, @unchecked Sendable {
    var name: String
    var section: String
    /// The devices of this file's cases, by the name of their kind.
    var kinds: [String: [String: Any]]
    var devices: [[String: Any]]
    var lanes: [[String: Any]]
    var steps: [[String: Any]]
    var testDescription: String { name }

    init(_ json: [String: Any], kinds: [String: [String: Any]]) {
        self.kinds = kinds
        name = json["name"] as? String ?? ""
        section = json["section"] as? String ?? ""
        devices = json["devices"] as? [[String: Any]] ?? []
        lanes = (json["config"] as? [String: Any])?["lanes"] as? [[String: Any]] ?? []
        steps = json["steps"] as? [[String: Any]] ?? []
    }
}
