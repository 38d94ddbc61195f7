// How the program ends, by the numbers of sysexits.h, and the one line that says why.
// Must not know what went wrong; whoever ends it says so in words.

import ArgumentParser
import Foundation

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
        for reason in reasons { StandardStream.error.write("plugboard: \(printable(reason))\n") }
        return ExitCode(rawValue)
    }

    func refusing(_ reason: String) -> ExitCode { refusing([reason]) }
}

/// Standard output and standard error, without a buffer in between.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Writes all of it, or as much as the other end takes.
    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(rawValue, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
