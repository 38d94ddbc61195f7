// How the program ends, by the numbers of sysexits.h, and the one line that says why.
// Must not know what went wrong; the code that ends it says so in words.

import ArgumentParser
import Platform
import UV

/// The exit codes there are.
enum ExitStatus: Int32, Sendable {
    /// The command line is wrong.
    case usage = 64
    /// A state file is damaged.
    case badData = 65
    /// A port is taken, or an address is not there.
    case unavailable = 69
    /// A defect of this program.
    case failure = 70
    /// A file cannot be written.
    case inputOutput = 74
    /// The system forbids it.
    case permission = 77
    /// The configuration is wrong.
    case configuration = 78

    /// Says why on standard error, one line each, and makes the error that ends the program so.
    func refusing(_ reasons: [String]) -> ExitCode {
        for reason in reasons { Descriptor.error.write("plugboard: \(printable(reason))\n") }
        return ExitCode(rawValue)
    }

    func refusing(_ reason: String) -> ExitCode { refusing([reason]) }
}

extension Descriptor {
    /// Writes all of it, or as much as the other end takes, without a buffer in between.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = write(UnsafeRawBufferPointer($0)) }
    }
}
