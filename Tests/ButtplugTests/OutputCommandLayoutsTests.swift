// The fast reader of an OutputCmd: it knows the layouts that clients use, and never disagrees with the general reader.

import Testing

@testable import Buttplug

@Suite struct OutputCommandLayoutsTests {
    private func fast(_ text: String) -> OutputCommand? { OutputCommandLayouts.read(Array(text.utf8).span.bytes) }

    private static func text(_ layout: Int, _ c: OutputCommand) -> String {
        let isMove = c.type == .hwPositionWithDuration
        return switch layout {
        case 0:
            #"[{"OutputCmd":{"Id":\#(c.id),"DeviceIndex":\#(c.device),"FeatureIndex":\#(c.feature),"Command":{"\#(c.type.name)":{"#
                + #""Value":\#(c.value)"#
                + (isMove ? #","Duration":\#(c.duration)}}}}]"# : "}}}}]")
        case 1:
            #"[{"OutputCmd": {"Id": \#(c.id), "DeviceIndex": \#(c.device), "FeatureIndex": \#(c.feature), "Command": {"#
                + #""\#(c.type.name)": {"Value": \#(c.value)"#
                + (isMove ? #", "Duration": \#(c.duration)}}}}]"# : "}}}}]")
        default:
            #"[{"OutputCmd":{"Command":{"\#(c.type.name)":{"# + (isMove ? #""Duration":\#(c.duration),"# : "")
                + #""Value":\#(c.value)}},"DeviceIndex":\#(c.device),"FeatureIndex":\#(c.feature),"Id":\#(c.id)}}]"#
        }
    }

    @Test("The layouts of the JavaScript, C#, Python and Rust clients are all read, for every output type", arguments: 0..<3)
    func layouts(layout: Int) {
        for type in OutputType.allCases {
            let command = OutputCommand(
                id: 17, device: 0, feature: 1, type: type, value: 10, duration: type == .hwPositionWithDuration ? 400 : 0)
            #expect(fast(Self.text(layout, command)) == command)
        }
    }

    @Test("Numbers of every length are read", arguments: 0..<3)
    func numbers(layout: Int) {
        for id in [1, 9, 10, 99, 100, 12_345, 9_999_999, 12_345_678, 123_456_789, 4_294_967_295] as [UInt32] {
            for value in [0, 1, -1, 9, 10, 127, -128, 999_999_999, -999_999_999] as [Int32] {
                let command = OutputCommand(
                    id: id, device: id % 1000, feature: id / 7, type: .hwPositionWithDuration, value: value, duration: id / 3)
                #expect(fast(Self.text(layout, command)) == command)
            }
        }
    }

    @Test("The general reader agrees with the fast reader on every text that the fast one reads")
    func agreement() {
        var dice = Dice(seed: 3)
        var client = Conversation(.v4, devices: [])
        var read = 0
        for _ in 0..<5_000 {
            let type = OutputType.allCases.randomElement(using: &dice)!
            let command = OutputCommand(
                id: max(1, dice.number()), device: .random(in: 0...12, using: &dice), feature: dice.number(), type: type,
                value: Int32(bitPattern: dice.number()), duration: type == .hwPositionWithDuration ? dice.number() : 0)
            let text = Self.text(.random(in: 0..<3, using: &dice), command)
            #expect(client.soleCommand(Array(text.utf8)) == command, "\(text)")
            guard let quick = fast(text) else { continue }
            read += 1
            #expect(quick == command, "\(text)")
        }
        #expect(read > 4_500)
    }

    @Test("A text with a few changes is never read differently from the general reader")
    func mutations() {
        var dice = Dice(seed: 4)
        var client = Conversation(.v4, devices: [])
        var agreed = 0
        for _ in 0..<20_000 {
            let command = OutputCommand(
                id: .random(in: 1...99_999, using: &dice), device: .random(in: 0...20, using: &dice), feature: 0,
                type: OutputType.allCases.randomElement(using: &dice)!, value: .random(in: -20...20, using: &dice), duration: 5)
            var bytes = Array(Self.text(.random(in: 0..<3, using: &dice), command).utf8)
            dice.spoil(&bytes)
            guard let quick = OutputCommandLayouts.read(bytes.span.bytes) else { continue }
            agreed += 1
            #expect(client.soleCommand(bytes) == quick, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(agreed > 500)
    }

    @Test(
        "A text in any other layout is left to the general reader",
        arguments: [
            "", "[", #"[{"OutputCmd":{"Id":1,"#, #"[{"Ping":{"Id":1}}]"#,
            #"[{"OutputCmd":{"Id":0,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10}}}}]"#,
            #"[{"OutputCmd":{"Id":01,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10}}}}]"#,
            #"[{"OutputCmd":{"Id":4294967296,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10}}}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":00,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10}}}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10.5}}}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":010}}}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":-}}}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10,"Duration":5}}}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10}}}}] "#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10}}}},{"Ping":{"Id":2}}]"#,
            #"[{"OutputCmd":{"Id":1,"DeviceIndex":0,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"Value":10}}}}]"#,
        ])
    func others(text: String) {
        #expect(fast(text) == nil)
    }
}

extension Dice {
    /// A number of any length.
    fileprivate mutating func number() -> UInt32 {
        UInt32(truncatingIfNeeded: next()) >> UInt32.random(in: 0..<32, using: &self)
    }
}
