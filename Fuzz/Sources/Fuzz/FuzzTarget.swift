// The targets: each one reader of foreign bytes, with what must hold for all bytes.
// Must not know libFuzzer; a target takes bytes and traps when something does not hold.

/// One target.
struct FuzzTarget: Sendable {
    /// Also the name of its folder of seeds.
    let name: String
    let run: @Sendable ([UInt8]) -> Void

    /// The one of this process. Set once, before the first run.
    nonisolated(unsafe) static var chosen = canary

    static let all = [canary] + json + sockets + heads + messages + admin + files + hardware + devices + bus + sessions
}

/// Something that must hold did not: the input is kept.
func must(_ holds: Bool, _ what: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line) {
    if !holds { fatalError(what(), file: file, line: line) }
}

extension [UInt8] {
    /// The first byte as a choice, and the rest.
    var chosen: (choice: UInt8, rest: [UInt8]) { isEmpty ? (0, []) : (self[0], Array(self[1...])) }

    var isUTF8: Bool { String(validating: self, as: UTF8.self) != nil }

    /// Calls with the same bytes in memory of exactly their size, so that AddressSanitizer sees a read past the end.
    func exactly<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: self)
        return body(buffer)
    }

    /// The same bytes in two or three pieces, the places taken from the bytes themselves.
    var pieces: [[UInt8]] {
        guard count > 2 else { return map { [$0] } }
        let first = Int(self[0] ^ self[count / 2]) % count
        let second = first + Int(self[count - 1]) % (count - first)
        return [Array(self[..<first]), Array(self[first..<second]), Array(self[second...])]
    }
}
