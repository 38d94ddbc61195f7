// Which version of the protocol an upstream is greeted in next: what worked last time, and the other one when there is doubt.
// Must not know how a greeting is written, nor clocks.

import Buttplug

/// Servers of version 3 refuse a greeting of version 4, say nothing to it, or hang up. One that answers in version 3 though it knows 4 is
/// never asked again, so doubts need to be stronger where a version has worked.
struct UpstreamGreeting {
    private(set) var version = SpecVersion.v4
    private var hasWorked = false
    private var doubts = 0
    private var silences = 0

    /// It answered neither version: it may just be slow.
    var isPatient: Bool { silences >= 2 }

    mutating func metSilence() {
        silences += 1
        doubt(2)
    }

    /// The connection has ended within the greeting, or soon after one in version 3.
    mutating func wasCutOff() { doubt(1) }

    mutating func worked(in version: SpecVersion) {
        self.version = version
        hasWorked = true
        silences = 0
    }

    /// The link has worked for a while.
    mutating func proved() { doubts = 0 }

    private mutating func doubt(_ weight: Int) {
        doubts += weight
        guard doubts >= (hasWorked ? 6 : 2) else { return }
        doubts = 0
        version = version == .v4 ? .v3 : .v4
    }
}
