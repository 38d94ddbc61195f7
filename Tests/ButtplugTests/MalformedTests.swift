// Texts of which no message is carried out: the one error that answers each, and its Id.

import Host
import Testing

@testable import Buttplug

@Suite struct MalformedTests {
    /// The Id and the text of the one error; nil when a message was carried out.
    private func refusal(of text: String, _ version: SpecVersion = .v4, _ limits: Limits = Limits()) -> (id: UInt32, problem: JSONProblem)?
    {
        var client = Conversation(version)
        client.limits = limits
        let bytes = Array(text.utf8)
        let malformed = client.session.receive(
            bytes.span.bytes, devices: client.table, limits: client.limits.ofMessage, into: &client.batch)
        guard let malformed, case .invalid(let problem, _) = malformed.failure, client.batch.requests.isEmpty, !malformed.isFatal else {
            return nil
        }
        return (malformed.id, problem)
    }

    @Test(
        "A text that is not JSON gets Id 0",
        arguments: [
            ("", .endOfText), (" ", .endOfText), ("x", .unexpectedByte), ("[", .endOfText), (#"[{"Ping":{"Id":1}}"#, .endOfText),
            (#"[{"Ping":{"Id":1}}]x"#, .unexpectedByte), (#"[{"Ping":{"Id":1}},]"#, .unexpectedByte),
            (#"[{"Ping":{"Id":1,}}]"#, .unexpectedByte),
            (#"[{"Ping":{"Id":01}}]"#, .badNumber), (#"[{"Ping":{"Id":NaN}}]"#, .unexpectedByte),
            ("\u{FEFF}[{\"Ping\":{\"Id\":1}}]", .unexpectedByte),
            (#"[{"Nonsense":{"Id":7}"#, .unknownMessage), (#"[{"Ping":{"Id":1}}]\#u{0}"#, .unexpectedByte),
            (#"[{"Ping":{"Id":1}}] // done"#, .unexpectedByte), (#"[{"Ping":{"Id":5,"X":"\x"}}]"#, .unknownField),
        ] as [(String, JSONProblem)])
    func notJSON(text: String, problem: JSONProblem) {
        let refusal = refusal(of: text)
        #expect(refusal?.id == 0)
        #expect(refusal?.problem == problem)
    }

    @Test(
        "JSON that is not a message is answered with the Id of the bad message, if it can be read",
        arguments: [
            ("[]", 0, .emptyArray), ("{}", 0, .unexpectedByte), ("5", 0, .unexpectedByte), ("[1]", 0, .unexpectedByte),
            ("[{}]", 0, .unexpectedByte),
            ("[[]]", 0, .unexpectedByte), (#"{"Ping":{"Id":5}}"#, 0, .unexpectedByte), (#"[{"Ping":null}]"#, 0, .unexpectedByte),
            (#"[{"Ping":{}}]"#, 0, .missingField), (#"[{"Ping":{"Id":0}}]"#, 0, .zeroID), (#"[{"Ping":{"Id":-1}}]"#, 0, .outOfRange),
            (#"[{"Ping":{"Id":4294967296}}]"#, 0, .outOfRange), (#"[{"Ping":{"Id":18446744073709551617}}]"#, 0, .outOfRange),
            (#"[{"Ping":{"Id":2.5}}]"#, 0, .notAnInteger), (#"[{"Ping":{"Id":1e400}}]"#, 0, .notAnInteger),
            (#"[{"Ping":{"Id":"2"}}]"#, 0, .unexpectedByte),
            (#"[{"Ping":{"Id":2,"Id":3}}]"#, 0, .duplicateField), (#"[{"Ping":{"Id":2,"X":1}}]"#, 2, .unknownField),
            (#"[{"Ping":{"X":1,"Id":2}}]"#, 2, .unknownField), (#"[{"ping":{"Id":2}}]"#, 2, .unknownMessage),
            (#"[{"Nonsense":{"Id":2}}]"#, 2, .unknownMessage),
            (#"[{"Nonsense":{"Deep":{"Id":9},"List":[{"Id":8}],"Id":2}}]"#, 2, .unknownMessage),
            (#"[{"Ok":{"Id":2}}]"#, 2, .unknownMessage),
            (#"[{"DeviceList":{"Id":2,"Devices":{}}}]"#, 2, .unknownMessage), (#"[{"Ping":{"Id":1},"StopCmd":{"Id":2}}]"#, 1, .twoMessages),
            (#"[{"Ping":{"Id":1}},{"Nonsense":{"Id":2}},{"Ping":{"Id":3}}]"#, 2, .unknownMessage),
            (#"[{"Ping":{"Id":1}}][{"Ping":{"Id":2,"Y":1}}]"#, 2, .unknownField),
            (#"[{"Ping":{"Id":1}}][]"#, 0, .emptyArray), (#"[{"Ping":{"Id":1}}] 5"#, 0, .unexpectedByte),
            (#"[{"ScalarCmd":{"Id":2,"DeviceIndex":0,"Scalars":[]}}]"#, 2, .unknownMessage),
            (#"[{"StopAllDevices":{"Id":2}}]"#, 2, .unknownMessage), (#"[{"StopCmd":{"Id":2,"DeviceIndex":null}}]"#, 2, .unexpectedByte),
            (#"[{"StopCmd":{"Id":2,"Inputs":1}}]"#, 2, .unexpectedByte),
        ] as [(String, UInt32, JSONProblem)])
    func noMessage(text: String, id: UInt32, problem: JSONProblem) {
        let refusal = refusal(of: text)
        #expect(refusal?.id == id)
        #expect(refusal?.problem == problem)
    }

    @Test(
        "A text that is not a right OutputCmd is refused",
        arguments: [
            (#""FeatureIndex":0,"Command":{"Vibrate":{"Value":1}}"#, .missingField), (#""DeviceIndex":0,"FeatureIndex":0"#, .missingField),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{}"#, .unexpectedByte),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":"Vibrate""#, .unexpectedByte),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{}}"#, .unexpectedByte),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Duration":1}}"#, .missingField),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10.5}}"#, .notAnInteger),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":2147483648}}"#, .outOfRange),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":"1"}}"#, .unexpectedByte),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1,"Value":2}}"#, .duplicateField),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1},"Rotate":{"Value":1}}"#, .twoOutputs),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"vibrate":{"Value":1}}"#, .unknownType),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Inflate":{"Value":1}}"#, .unknownType),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"Value":1}}"#, .missingField),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"Value":1,"Duration":-1}}"#, .outOfRange),
            (#""DeviceIndex":0,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1}}"#, .duplicateField),
            (#""DeviceIndex":-1,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1}}"#, .outOfRange),
            (#""DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1}},"X":1"#, .unknownField),
        ] as [(String, JSONProblem)])
    func outputs(fields: String, problem: JSONProblem) {
        for text in [#"[{"OutputCmd":{"Id":9,\#(fields)}}]"#, #"[{"OutputCmd":{\#(fields),"Id":9}}]"#] {
            let refusal = refusal(of: text)
            #expect(refusal?.id == 9)
            #expect(refusal?.problem == problem)
        }
    }

    @Test(
        "A legacy message with anything that its version's schema forbids is refused as a whole",
        arguments: [
            (#"{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[]}}"#, .emptyList),
            (#"{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":1.1}]}}"#, .outOfRange),
            (#"{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":-0.1}]}}"#, .outOfRange),
            (#"{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[{"Index":0}]}}"#, .missingField),
            (#"{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":0,"Speed":0}]}}"#, .duplicateField),
            (#"{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":0,"Clockwise":true}]}}"#, .unknownField),
            (#"{"RotateCmd":{"Id":9,"DeviceIndex":0,"Rotations":[{"Index":0,"Speed":0.5}]}}"#, .missingField),
            (#"{"RotateCmd":{"Id":9,"DeviceIndex":0,"Rotations":[{"Index":0,"Speed":0.5,"Clockwise":0}]}}"#, .unexpectedByte),
            (#"{"LinearCmd":{"Id":9,"DeviceIndex":4,"Vectors":[{"Index":0,"Duration":1.5,"Position":0.5}]}}"#, .notAnInteger),
            (#"{"LinearCmd":{"Id":9,"DeviceIndex":4,"Vectors":[{"Index":0,"Duration":1,"Position":2}]}}"#, .outOfRange),
            (#"{"ScalarCmd":{"Id":9,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0.5,"ActuatorType":"Inflate"}]}}"#, .unknownType),
            (
                #"{"ScalarCmd":{"Id":9,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0.5,"ActuatorType":"HwPositionWithDuration"}]}}"#,
                .unknownType
            ),
            (#"{"SensorReadCmd":{"Id":9,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Smell"}}"#, .unknownType),
            (#"{"OutputCmd":{"Id":9,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1}}}}"#, .unknownMessage),
            (#"{"SingleMotorVibrateCmd":{"Id":9,"DeviceIndex":0,"Speed":0.5}}"#, .unknownMessage),
            (#"{"BatteryLevelCmd":{"Id":9,"DeviceIndex":0}}"#, .unknownMessage), (#"{"Test":{"Id":9,"TestString":""}}"#, .unknownMessage),
            (#"{"Disconnect":{"Id":9}}"#, .unknownMessage), (#"{"StopDeviceCmd":{"Id":9}}"#, .missingField),
        ] as [(String, JSONProblem)])
    func legacy(element: String, problem: JSONProblem) {
        let refusal = refusal(of: #"[{"Ping":{"Id":8}},\#(element)]"#, .v3)
        #expect(refusal?.id == 9)
        #expect(refusal?.problem == problem)
    }

    @Test("The limit on requests holds for the whole text")
    func manyRequests() {
        var client = Conversation(.v4)
        let limit = client.limits.requestsPerMessage
        func pings(_ n: Int) -> String { "[" + (1...n).map { #"{"Ping":{"Id":\#($0)}}"# }.joined(separator: ",") + "]" }
        #expect(client.receive(pings(limit)).count == limit)
        let refusal = refusal(of: pings(limit) + #"[{"Ping":{"Id":7777}}]"#)
        #expect(refusal?.id == 7777)
        #expect(refusal?.problem == .tooManyRequests)
    }

    @Test("A list of commands in one legacy message is limited too")
    func manyParts() {
        let parts = Array(repeating: #"{"Index":0,"Speed":0}"#, count: 257).joined(separator: ",")
        let refusal = refusal(of: #"[{"VibrateCmd":{"Id":9,"DeviceIndex":0,"Speeds":[\#(parts)]}}]"#, .v1)
        #expect(refusal?.problem == .tooManyRequests)
    }

    @Test("The parts of legacy messages count toward the limit on requests")
    func partsAreRequests() {
        var client = Conversation(.v3)
        client.limits.requestsPerMessage = 6
        func command(_ id: Int, _ n: Int) -> String {
            let scalars = Array(repeating: #"{"Index":0,"Scalar":0,"ActuatorType":"Vibrate"}"#, count: n).joined(separator: ",")
            return #"{"ScalarCmd":{"Id":\#(id),"DeviceIndex":0,"Scalars":[\#(scalars)]}}"#
        }
        #expect(client.receive("[\(command(8, 3)),\(command(9, 2))]").count == 2)
        #expect(refusal(of: "[\(command(8, 3)),\(command(9, 3))]", .v3, client.limits)?.problem == .tooManyRequests)
        #expect(refusal(of: "[\(command(9, 7))]", .v3, client.limits)?.id == 9)
    }

    @Test("Depth is limited in every value that is skipped", arguments: ["[", #"{"a":"#])
    func depth(opening: String) {
        let deep = String(repeating: opening, count: 20_000)
        #expect(refusal(of: deep)?.id == 0)
        #expect(
            refusal(of: #"[{"OutputCmd":{"Id":9,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"x":\#(deep)"#)?.problem == .tooDeep)
        #expect(refusal(of: #"[{"KiirooCmd":{"Id":9,"x":\#(deep)"#, .v1)?.problem == .tooDeep)
    }
}
