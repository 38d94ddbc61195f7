// The 130 stories of `Fixtures/arbitration-cases.json`, each played through the whole router under virtual time.
// Must not know how anything is arbitrated: a case says what is done and what has to be seen.

import Buttplug
import Foundation
import Host
import Router
import Testing

@Suite struct ArbitrationCasesTests {
    static let file = ArbitrationCaseFile.load()

    @Test("every case is played: the file has all 130 of them") func complete() {
        #expect(Self.file.cases.count == 130)
    }

    @Test("what a case tells is what devices, clients and the operator see", arguments: file.cases)
    func plays(_ story: ArbitrationCase) {
        let differences = ArbitrationCasePlayer(story, kinds: Self.file.kinds).play()
        #expect(differences.isEmpty, "\(story.name) (§\(story.section)):\n\(differences.joined(separator: "\n"))")
    }
}

/// The file of cases, read once.
struct ArbitrationCaseFile: @unchecked Sendable {
    var kinds: [String: [String: Any]] = [:]
    var cases: [ArbitrationCase] = []

    static func load() -> ArbitrationCaseFile {
        guard let url = Bundle.module.url(forResource: "arbitration-cases", withExtension: "json", subdirectory: "Fixtures"),
            let data = try? Data(contentsOf: url), let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let kinds = root["kinds"] as? [String: [String: Any]], let cases = root["cases"] as? [[String: Any]]
        else { return ArbitrationCaseFile() }
        return ArbitrationCaseFile(kinds: kinds, cases: cases.map(ArbitrationCase.init))
    }
}

/// One case: JSON objects as they stand in the file, never changed.
struct ArbitrationCase: CustomTestStringConvertible, @unchecked Sendable {
    var name: String
    var section: String
    var devices: [[String: Any]]
    var lanes: [[String: Any]]
    var steps: [[String: Any]]
    var testDescription: String { name }

    init(_ json: [String: Any]) {
        name = json["name"] as? String ?? ""
        section = json["section"] as? String ?? ""
        devices = json["devices"] as? [[String: Any]] ?? []
        lanes = (json["config"] as? [String: Any])?["lanes"] as? [[String: Any]] ?? []
        steps = json["steps"] as? [[String: Any]] ?? []
    }
}
