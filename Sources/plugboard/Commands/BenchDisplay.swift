// A run's progress on standard error: a bar that redraws itself on a terminal, a line a second elsewhere.
// Must not know figures; a progress puts itself into words.

import Bench
import Platform
import UV

/// Shows progress.
final class BenchDisplay {
    private let isTerminal = Descriptor.error.isTerminal && Environment.variables["TERM"] != "dumb"
    private var isDrawn = false

    private static let barWidth = 24

    func show(_ progress: BenchProgress) {
        guard isTerminal else { return Descriptor.error.write(progress.line + "\n") }
        let done = Int(Double(Self.barWidth) * progress.share)
        let bar = String(repeating: "█", count: done) + String(repeating: "░", count: Self.barWidth - done)
        isDrawn = true
        // To the line's start, and what was there before is cleared after the new text.
        Descriptor.error.write("\r\(bar) \(progress.line)\u{1B}[K")
    }

    /// Leaves the line to what comes next.
    func end() {
        if isDrawn { Descriptor.error.write("\r\u{1B}[K") }
        isDrawn = false
    }
}
