// BlueZ's names on the bus, and what its errors mean.
// Must not know what is done about them.

import DBus

enum Bluez {
    static let name = "org.bluez"
    static let root = "/org/bluez"
    static let adapter = "org.bluez.Adapter1"
    static let device = "org.bluez.Device1"
    static let service = "org.bluez.GattService1"
    static let characteristic = "\(characteristicName)"
    static let characteristicName: StaticString = "org.bluez.GattCharacteristic1"
}

/// What an error of BlueZ means for a connection. The texts are those of BlueZ 5.55 to 5.86.
enum BluezTrouble: Hashable, Sendable {
    /// "le-connection-abort-by-local": the link came up for a moment. It is tried again when it is down.
    case aborted
    /// Something else is under way; once more in a second.
    case busy
    /// The adapter has as many connections as it can.
    case full
    /// The adapter is off.
    case off
    /// Another program holds the characteristic.
    case held
    /// It is not there in this version, or not for this characteristic.
    case unsupported
    /// The device wants to be paired.
    case unpaired
    /// This user may not use BlueZ.
    case denied
    /// The device, or the connection, is gone.
    case gone
    /// No answer in time.
    case silent
    case other

    init(_ failure: DBusFailure) {
        let text = failure.text.lowercased()
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        self =
            switch failure.kind {
            case "" where failure == .timedOut: .silent
            case "": .other
            case "NoReply", "Timeout", "TimedOut": .silent
            case "UnknownObject", "NotConnected", "DoesNotExist", "ServiceUnknown", "NameHasNoOwner": .gone
            case "NotReady": .off
            case "AccessDenied": .denied
            case "NotPermitted" where says("acquired"): .held
            case "NotSupported", "UnknownMethod", "NotAvailable", "UnknownInterface": .unsupported
            case "NotAuthorized", "AuthenticationFailed", "AuthenticationRejected", "AuthenticationCanceled", "AuthenticationTimeout":
                .unpaired
            case _ where says("not paired", "insufficient authentication", "insufficient encryption"): .unpaired
            case _ where says("abort-by-local"): .aborted
            case _ where says("adapter-not-powered", "not powered"): .off
            case _ where says("concurrent-connection-limit"): .full
            case "InProgress", "AlreadyConnected": .busy
            case _ where says("connection-busy", "already-connecting", "in progress"): .busy
            case _ where says("not connected", "disconnected"): .gone
            default: .other
            }
    }
}
