// What a simulated client asks, in the terms of v4, for every version.
// Must not know how a version writes it.

import Buttplug

/// One output command, or one part of an older client's command for several.
struct RequestPart {
    var feature: UInt32
    var type: OutputType
    /// Steps, as the router must understand them.
    var value: Int32
    var duration: UInt32 = 0
    /// For older versions: the index in the message's own list, and the fraction in hundredths.
    var index = 0
    var hundredths: Int32 = 0
}

/// One request with its number.
struct SimulatedRequest {
    enum Kind {
        case handshake(name: String)
        case ping, startScanning, stopScanning, deviceList, disconnect
        /// `legacyForm` says which message an older client used.
        case outputs(device: UInt32, [RequestPart], legacyForm: LegacyForm)
        case stop(device: UInt32?, feature: UInt32?, inputs: Bool, outputs: Bool)
        case read(device: UInt32, feature: UInt32, InputType)
        case subscribe(device: UInt32, feature: UInt32, InputType)
        case unsubscribe(device: UInt32, feature: UInt32, InputType)
        /// Text that no version takes, with the code of the `Error` it must get.
        case nonsense(String, code: ErrorCode)
    }

    enum LegacyForm { case single, vibrate, rotate, linear, scalar }

    var id: UInt32
    var kind: Kind
    var isList: Bool { if case .deviceList = kind { true } else { false } }

    /// Whether the answer may have to wait for a device.
    var mayWait: Bool {
        switch kind {
        case .outputs, .read, .subscribe, .unsubscribe: true
        default: false
        }
    }
}

extension SimulatedRequest.Kind: CustomStringConvertible {
    /// For traces.
    var description: String {
        switch self {
        case .handshake(let name): "handshake \(name)"
        case .ping: "ping"
        case .startScanning: "scan"
        case .stopScanning: "unscan"
        case .deviceList: "list"
        case .disconnect: "disconnect"
        case .outputs(let device, let parts, let form):
            "out \(form) " + parts.map { "\(device).\($0.feature) \($0.type) \($0.value)/\($0.duration)" }.joined(separator: ", ")
        case .stop(let device, let feature, let inputs, let outputs):
            "stop \(device.map(String.init) ?? "all").\(feature.map(String.init) ?? "all")"
                + (inputs ? " inputs" : "") + (outputs ? " outputs" : "")
        case .read(let device, let feature, let type): "read \(device).\(feature) \(type)"
        case .subscribe(let device, let feature, let type): "subscribe \(device).\(feature) \(type)"
        case .unsubscribe(let device, let feature, let type): "unsubscribe \(device).\(feature) \(type)"
        case .nonsense(let text, _): text
        }
    }
}
