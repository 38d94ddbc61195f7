// Frames decoded and texts read, alone: per kind of message and version of the protocol.
// Must not reach a router.

import Buttplug
import Host
import WebSocket

enum ReadingSteps {
    static let all =
        [
            Step("frame-decode", perRound: 16) { frames(perRound: 16) },
            Step("frame-decode-single") { frames(perRound: 1) },
            Step("read-v4-output") { fast(.compact) },
            Step("read-v4-output-spaced") { fast(.spaced) },
        ] + kinds.map { kind in Step("read-\(kind.name)") { whole(kind) } }

    private struct Kind: Sendable {
        let name: String
        let version: Int
        let text: String
        init(_ name: String, _ version: Int, _ text: String) {
            self.name = name
            self.version = version
            self.text = text
        }
    }

    private static let kinds = [
        Kind("v4-output-reordered", 4, Texts.output(12345, feature: 1, value: 57, .reordered)),
        Kind(
            "v4-move", 4,
            #"[{"OutputCmd":{"Id":7,"DeviceIndex":1,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"Value":50,"Duration":200}}}}]"#),
        Kind("v4-read", 4, #"[{"InputCmd":{"Id":7,"DeviceIndex":2,"FeatureIndex":2,"Type":"Battery","Command":"Read"}}]"#),
        Kind("v4-stop", 4, #"[{"StopCmd":{"Id":7,"DeviceIndex":0,"Inputs":true,"Outputs":true}}]"#),
        Kind("v4-ping", 4, #"[{"Ping":{"Id":7}}]"#),
        Kind("v3-scalar", 3, #"[{"ScalarCmd":{"Id":7,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0.5,"ActuatorType":"Vibrate"}]}}]"#),
        Kind("v3-linear", 3, #"[{"LinearCmd":{"Id":7,"DeviceIndex":1,"Vectors":[{"Index":0,"Duration":200,"Position":0.5}]}}]"#),
        Kind("v2-vibrate", 2, #"[{"VibrateCmd":{"Id":7,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":0.5},{"Index":1,"Speed":0.25}]}}]"#),
        Kind("v1-vibrate", 1, #"[{"VibrateCmd":{"Id":7,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":0.5}]}}]"#),
        Kind("v0-vibrate", 0, #"[{"SingleMotorVibrateCmd":{"Id":7,"DeviceIndex":0,"Speed":0.5}}]"#),
    ]

    /// The devices that the texts are checked with.
    static var devices: DeviceTable {
        var table = DeviceTable()
        let motors = [
            Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 100)]),
            Feature(index: 1, outputs: [OutputRange(.vibrate, steps: 100)]),
            Feature(index: 2, inputs: [InputRange(.battery, ranges: [0...100], canRead: true)]),
        ]
        let stroker = [Feature(index: 0, outputs: [OutputRange(.hwPositionWithDuration, steps: 100, duration: 0...100_000)])]
        for (index, features) in [motors, stroker, motors].enumerated() {
            table.insert(
                DeviceInfo(index: UInt32(index), description: DeviceDescription(identity: "\(index)", name: "D", features: features)))
        }
        return table
    }

    private static func frames(perRound: Int) -> (Range<Int>) -> Void {
        let inbox = FrameInbox((0..<8).map { round in (0..<perRound).map { Texts.output(10_000 + $0, feature: 0, value: 10 + round) } })
        return { rounds in for round in rounds { inbox.decode(round) { _ in } } }
    }

    private static func fast(_ layout: Texts.Layout) -> (Range<Int>) -> Void {
        let texts = (0..<8).map { Array(Texts.output(12_345 + $0, feature: $0 & 1, value: 50 + $0, layout).utf8) }
        return { rounds in
            var sum: Int32 = 0
            for round in rounds {
                let read = texts[round & 7].withUnsafeBytes { ServerSession.readOutputCommand(RawSpan(_unsafeBytes: $0)) }
                sum &+= read?.value ?? 0
            }
            precondition(sum != 0, "the text is read by the path for the usual layout")
        }
    }

    private static func whole(_ kind: Kind) -> (Range<Int>) -> Void {
        var session = ServerSession()
        let view = DeviceView(devices)
        let limits = Limits()
        var messages = MessageBuffer()
        let reader = SessionReader(limits)
        reader.read(Array(Texts.handshake(kind.version).utf8), &session, view)
        session.serverInfo(1, serverName: "bench", maxPingTime: 0, devices: view, into: &messages)
        session.deviceList(2, devices: view, into: &messages)
        let text = Array(kind.text.utf8)
        return { rounds in for _ in rounds { reader.read(text, &session, view) } }
    }
}

/// A reused batch for the messages that sessions read.
final class SessionReader {
    @exclusivity(unchecked) private var batch = RequestBatch()
    private let limits: Limits

    init(_ limits: Limits) { self.limits = limits }

    func read(_ text: [UInt8], _ session: inout ServerSession, _ view: DeviceView) {
        let malformed = text.withUnsafeBytes {
            session.receive(RawSpan(_unsafeBytes: $0), devices: view.table, limits: limits.ofMessage, into: &batch)
        }
        precondition(malformed == nil && batch.requests.count == 1, "the text is one good message")
        if case .failed(let failure) = batch.requests[0].body { preconditionFailure("the message is refused: \(failure)") }
    }
}
