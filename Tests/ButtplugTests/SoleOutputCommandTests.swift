// A text that is one OutputCmd, in any layout: read without a batch, with the same result as with one.

import Testing

@testable import Buttplug

@Suite struct SoleOutputCommandTests {
    private static func quick(_ bytes: [UInt8]) -> OutputCommand? { ServerSession.readOutputCommand(bytes.span.bytes) }

    /// A command with its keys in any order and blanks anywhere.
    private static func text(_ dice: inout Dice) -> String {
        func blank(_ dice: inout Dice) -> String { ["", "", "", " ", "\n\t", "\r "].randomElement(using: &dice)! }
        func object(_ members: [String], _ dice: inout Dice) -> String {
            let shuffled = members.shuffled(using: &dice).map { blank(&dice) + $0 + blank(&dice) }
            return "{" + shuffled.joined(separator: ",") + "}"
        }
        func member(_ key: String, _ value: String, _ dice: inout Dice) -> String { "\"\(key)\"\(blank(&dice)):\(blank(&dice))\(value)" }
        let type = OutputType.allCases.randomElement(using: &dice)!
        var amounts = [member("Value", "\(Int.random(in: -120...120, using: &dice))", &dice)]
        if type == .hwPositionWithDuration || Bool.random(using: &dice) { amounts.append(member("Duration", "500", &dice)) }
        let output = object([member("\(type.name)", object(amounts, &dice), &dice)], &dice)
        let fields = [
            member("Id", "\(UInt32.random(in: 1...(.max), using: &dice))", &dice),
            member("DeviceIndex", "\(UInt32.random(in: 0...99, using: &dice))", &dice),
            member("FeatureIndex", "\(UInt32.random(in: 0...9, using: &dice))", &dice), member("Command", output, &dice),
        ]
        return blank(&dice) + "[" + object([member("OutputCmd", object(fields, &dice), &dice)], &dice) + "]" + blank(&dice)
    }

    @Test("Every order of keys and every use of blanks is read, as the session reads it")
    func layouts() {
        var dice = Dice(seed: 5)
        var client = Conversation(.v4, devices: [])
        for _ in 0..<5_000 {
            let text = Self.text(&dice)
            let command = Self.quick(Array(text.utf8))
            #expect(command != nil, "\(text)")
            #expect(command == client.soleCommand(Array(text.utf8)), "\(text)")
        }
    }

    @Test("A text with a few changes is read in the same way or not at all")
    func mutations() {
        var dice = Dice(seed: 6)
        var client = Conversation(.v4, devices: [])
        var read = 0
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = Array(Self.text(&dice).utf8)
            dice.spoil(&bytes)
            let command = Self.quick(bytes)
            if command == nil { refused += 1 } else { read += 1 }
            #expect(command == client.soleCommand(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(read > 500 && refused > 500)
    }

    @Test(
        "Several messages, several arrays, another message and a command with a fault are left to the session",
        arguments: [
            #"[{"Ping":{"Id":1}}]"#, "", "[]", #"[{"OutputCmd":{}}]"#,
            #"[{"Command":{"Vibrate":{"Value":1}},"Id":1}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1}},"FeatureIndex":0,"DeviceIndex":0,"Id":0}}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1}},"FeatureIndex":0,"DeviceIndex":0,"Id":1,"Id":2}}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1}},"FeatureIndex":0,"DeviceIndex":0,"Id":1,"Speed":0.5}}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1}},"FeatureIndex":0,"Id":1}}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1},"Rotate":{"Value":1}},"FeatureIndex":0,"DeviceIndex":0,"Id":1}}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1}},"FeatureIndex":0,"DeviceIndex":0,"Id":1}},{"Ping":{"Id":2}}]"#,
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":1}},"FeatureIndex":0,"DeviceIndex":0,"Id":1}}][]"#,
        ])
    func others(text: String) {
        #expect(Self.quick(Array(text.utf8)) == nil)
    }
}
