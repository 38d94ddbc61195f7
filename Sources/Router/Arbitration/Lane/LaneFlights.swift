// Which writes of a lane are on their way to its device. The arbiter's `FlightTable` has those of all lanes.
// Must not know what is wanted, nor what a write says.

import Buttplug
import Host

/// The writes of a lane that have no answer yet.
struct LaneFlights {
    /// The write in flight, -1 when there is none. Zeros may be in flight at the same time; they are counted in `zeros`.
    private(set) var main: Int32 = -1
    private var mainType = OutputType.vibrate
    private var zeros: Int32 = 0
    /// Writes given up, of which only a late answer is still of interest.
    private(set) var late: Int32 = 0
    /// Since when the lane's writes are corrections. A correction writes once more what is wanted, because a write that was given up has been
    /// answered after all and nobody knows what the device has (`arbitration.md` §7). Its answer may be late too. What a command asks for is
    /// no correction. `never`, which is later than every instant: the lane's writes are none.
    private(set) var correctsSince = Instant.never

    /// Late writes that are remembered; a device that never answers costs no memory.
    static var lateLimit: Int32 { 8 }

    func isCorrection(issuedAt issued: Instant) -> Bool { issued >= correctsSince }

    var isAny: Bool { main >= 0 || zeros > 0 }
    func isMain(of type: OutputType) -> Bool { main >= 0 && mainType == type }

    mutating func zeroIssued() { zeros &+= 1 }
    mutating func mainIssued(_ flight: Int32, _ type: OutputType) {
        main = flight
        mainType = type
    }

    /// A write has its answer, or is given up.
    mutating func landed(_ flight: Int32) {
        if main == flight { main = -1 } else { zeros -= 1 }
    }

    /// A write was given up. True when there are now too many to remember.
    mutating func becameLate() -> Bool {
        late += 1
        return late > Self.lateLimit
    }
    mutating func lateEnded() { late -= 1 }

    mutating func beginCorrections(at now: Instant) { correctsSince = now }
    /// What is written from now on is what a command asks for, or what is left of others' values.
    mutating func endCorrections() { correctsSince = .never }
}
