// What a transport tells the watchdog about its devices: how to bring each of them to zero without the router.
// Must not know processes or sockets.

import Host

/// A device that the watchdog knows.
package struct WillKey: Hashable, Sendable {
    /// The transport's number, below 64: each backend has one of its own.
    package let transport: UInt8
    /// The device's number in its transport.
    package let device: UInt32
    /// 0, or which further letter of the device it is: one that is told its zeros in more than one way has one for each.
    package let part: UInt8

    package init(transport: UInt8, device: UInt32, part: UInt8 = 0) {
        (self.transport, self.device, self.part) = (transport, device, part)
    }
}

/// The watchdog, as transports see it. Nothing of it waits; the calls are for the loop's thread.
package protocol Wills: AnyObject {
    /// When the router is gone, `packets` are written to `descriptor`, in this order: the all-zero state. To be called when the device
    /// becomes ready, and again when either changes.
    ///
    /// A stream (a serial line) may be in the middle of a packet when the router dies, so the first packet should begin with what ends
    /// one: "\n" for T-code.
    /// - Parameters:
    ///   - packets: Each is written by one call. In all at most `WillRules.letterBytes`, with two bytes more for each packet.
    ///   - isPaced: The device answers each packet, and takes none before that: they are written one after the other, a tenth of a second
    ///     apart, and over again, instead of all at once.
    ///   - descriptor: Stays open until `clear`. The watchdog has a duplicate: a serial line or a characteristic is free when it has
    ///     closed that too, soon after `clear`.
    /// - Returns: false when there is no room, or the packets are none: this device goes on when the router dies.
    @discardableResult
    func set(_ device: WillKey, _ packets: [[UInt8]], isPaced: Bool, _ descriptor: Int32) -> Bool
    /// The device is gone, or its descriptor is about to be closed.
    func clear(_ device: WillKey)
    /// Whether any output of the transport is not zero, or may not be. To be called before the first packet that is not zero leaves, and
    /// after the last zero was taken. The same again costs one comparison.
    func anythingRuns(_ runs: Bool, in transport: UInt8)
    /// What to do when the letters were posted although the router lives: it had stopped for longer than `WillRules.patience`. All devices are
    /// at zero now, regardless of what was written to them; nothing may start again that no client asks for after that.
    func onPosted(_ body: @escaping (_ now: Instant) -> Void)
}

/// The numbers that both sides of the watchdog must agree on.
package enum WillRules {
    /// Letters at once. All transports together have fewer devices.
    package static let slots = 256
    /// Bytes of a letter. The longest zero of a known device, a stroker's with twenty axes, has 150; a call on a bus some 260, and a device
    /// that is written by calls has up to seven.
    package static let letterBytes = 2_048
    /// How often a router says that it lives, while any output is not zero.
    package static let beatPace = Interval.seconds(1)
    /// Without a sign of life for so long, the letters are posted.
    package static let patience = Interval.seconds(5)
    /// How far apart rounds of posting are, and how many there are, the first at once. Letters that are not paced take part in three of them:
    /// what a device got last may still have been on its way, or the descriptor full.
    package static let roundPace = Interval.milliseconds(100)
    package static let rounds = 11

    /// Whether letters that are not paced take part in a round.
    package static func isWhole(_ round: Int) -> Bool { round == 0 || round == 2 || round == rounds - 1 }
}
