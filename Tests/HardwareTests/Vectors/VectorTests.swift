// Sequences of bytes from a file: PLUGBOARD_VECTORS=PATH swift test --filter Vectors. Prints a line for each case that fails, and a sum.
// The format is that of `VectorCase`: a case a line.

import Foundation
import Testing

@testable import Hardware

@Suite("Vectors")
struct VectorTests {
    @Test("Every case of the file that PLUGBOARD_VECTORS names passes, or differs on purpose.")
    func file() throws {
        guard let path = ProcessInfo.processInfo.environment["PLUGBOARD_VECTORS"] else { return }
        let text = try #require(FileManager.default.contents(atPath: path), "\(path) cannot be read")
        var passed = 0
        var failed = 0
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let vector = try #require(VectorCase(line), "a line is no case: \(String(decoding: line.prefix(80), as: UTF8.self))")
            let problems = VectorRunner.play(vector)
            if problems.isEmpty {
                passed += 1
            } else if let reason = Differences.reason(vector.name) {
                passed += 1
                print("differs on purpose: \(vector.name): \(reason)")
            } else {
                failed += 1
                print("FAILED \(vector.name): \(problems.joined(separator: "; "))")
            }
        }
        print("\(passed) passed, \(failed) failed")
        #expect(failed == 0)
    }
}
