// What a transport's devices are taken for: who is wanted, by which protocol, as which model, and with which settings.
// Must not know when a device is connected, nor how.

import Buttplug

/// The answers of the device book, for the devices of one transport.
struct Recognition {
    /// "serial", "websocket", "bluetooth": the first part of every identity.
    let kind: String
    /// Its rules may be replaced while the router runs.
    var book: DeviceBook
    /// Somebody looks at everything that is found (`HardwareSighting`).
    var isWatched = false

    init(_ kind: String, _ book: DeviceBook) { (self.kind, self.book) = (kind, book) }

    func identity(of candidate: Candidate) -> String { "\(kind):\(candidate.address)" }

    /// Whether anybody knows how to drive it, and it may be connected.
    func isWanted(_ candidate: Candidate) -> Bool {
        book.match(candidate) != nil && book.leave(candidate, of: kind) == .allowed
    }

    /// Whether a device may be connected, now that rules may have changed. One that may run has to be told its zero in any case.
    func mayConnect(_ device: HardwareDevice) -> Bool { device.owesZero || book.leave(device.candidate, of: kind) == .allowed }

    /// Notes how the device is to be driven. Asked before each connection: a protocol may have handed the device on to another.
    /// - Returns: Whether it is to be connected.
    func take(_ device: inout HardwareDevice) -> Bool {
        device.match = book.match(device.candidate)
        return device.match != nil && mayConnect(device)
    }

    /// Gives the device a fresh protocol; false when there is none of this name.
    func giveDriver(_ name: String, to device: inout HardwareDevice) -> Bool {
        let setup = DeviceSetup(
            name: device.candidate.name ?? "", endpoints: device.endpoints, makers: device.candidate.makers, model: device.match?.model)
        guard let driver = book.driver(name, setup) else { return false }
        device.driver = driver
        device.match?.protocolName = name
        return true
    }

    /// What the device has; nil when nobody knows.
    /// - Parameter identifier: What it calls itself within its protocol.
    func model(of device: HardwareDevice, identifier: String?) -> Model? {
        book.model(of: device.match?.protocolName ?? "", identifier: identifier, advertised: device.candidate.name ?? "")
    }

    /// What is set for a device of this model, and what of it cannot be.
    func settings(of model: Model, _ candidate: Candidate) -> (DeviceSettings, problem: String?) {
        book.settings(of: model, candidate, of: kind)
    }
}
