// The dashboard's files: all of them are in the program, small enough, and load nothing from other hosts.
// Must not know what they show; Tests/Page does.

import Foundation
import Testing

@testable import plugboard

@Suite struct PageFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/plugboard/Page")

    @Test("Every file of the page is compiled in, byte for byte, under the path that the page uses.")
    func allAreThere() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        #expect(PageFiles.all.map { $0.path == "/" ? "index.html" : String($0.path.dropFirst("/page/".count)) }.sorted() == names)
        for file in PageFiles.all {
            let name = file.path == "/" ? "index.html" : String(file.path.dropFirst("/page/".count))
            #expect(try Data(contentsOf: Self.folder.appending(path: name)) == Data(file.bytes), "\(name)")
        }
    }

    @Test("The page is under 100 KB in all.")
    func isSmall() { #expect(PageFiles.all.reduce(0) { $0 + $1.bytes.count } < 100_000) }
}
