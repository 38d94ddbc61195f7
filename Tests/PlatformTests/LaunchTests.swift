// What a launch makes safe before anything else is done.
// Must not start a process.

import LibC
import Testing

@testable import Platform

@Suite struct LaunchTests {
    @Test("At every launch the standard streams are open, and a write to a pipe without a reader is an error.")
    func aLaunchIsSafe() throws {
        Launch.makeSafe()
        for number in 0...2 as ClosedRange<Int32> { #expect(fcntl(number, F_GETFD) >= 0) }
        var ends: [Int32] = [0, 0]
        #expect(LibC.pipe(&ends) == 0)
        Descriptor(number: ends[0]).close()
        let refusal = [UInt8(1)].withUnsafeBytes { Descriptor(number: ends[1]).write($0).refusal }
        #expect(refusal?.name == "EPIPE")
        Descriptor(number: ends[1]).close()
    }
}
