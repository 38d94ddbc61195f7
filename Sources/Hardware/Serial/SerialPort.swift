// A serial line of the configuration, with the device at its other end.
// Must not know how it is driven.

import Host

/// One serial port that a device is connected to.
public struct SerialPort: Hashable, Sendable {
    /// The file of the port: "/dev/serial/by-id/usb-…", which stays the same when it is plugged in elsewhere.
    public var path: String
    /// The device's protocol.
    public var protocolName = "tcode-v03"
    /// Bits a second; one of those that the system's lines know.
    public var baud = 115_200
    /// The axes of a T-code device that need not be asked for ("L0,R0,V0"); nil: it is asked.
    public var axes: String?

    public init(_ path: String) { self.path = path }

    /// Whether a text is a list of axes.
    public static func areAxes(_ text: String) -> Bool { TCode.axes(text) != nil }
}
