// What one session wants of one lane until it says otherwise.
// Must not know why it was accepted; only commands make one and only the arbiter ends it.

import Buttplug

/// The latest accepted non-zero command of one session on one lane, of a held type (`arbitration.md` §2).
struct Contribution {
    /// The session's slot.
    var session: UInt32
    /// Order of the session's opening: the older one wins a tie.
    var seniority: UInt64
    var type: OutputType
    var priority: UInt8
    /// As the client sent it.
    var value: Int32
    /// After the rule's gain and cap; never 0.
    var scaled: Int32
    /// Running number of the command that last changed type or value.
    var changeSerial: UInt64
    /// Running number of the last command.
    var serial: UInt64

    var magnitude: Int32 { scaled < 0 ? -scaled : scaled }
}
