// T-code without a wire: what a device says becomes its features, and what is wanted becomes lines.

import Buttplug
import Testing

@testable import Hardware

@Suite struct TCodeTests {
    private static func driver(_ model: String? = nil) -> TCode { TCode(DeviceSetup(endpoints: [.tx, .rx], model: model)) }

    /// What a protocol has written since it was asked last.
    private static func written(_ output: inout DeviceOutput) -> String {
        let text = String(decoding: output.bytes, as: UTF8.self)
        output.removeAll()
        return text
    }

    private static func tell(_ text: String, _ driver: inout TCode, _ output: inout DeviceOutput) -> Opening? {
        Array(text.utf8).withUnsafeBytes { driver.received($0.bytes, from: .rx, into: &output) }
    }

    /// The model that the device has said, or that is taken.
    private static func model(of opening: Opening?) -> Model? {
        if case .described(let model)? = opening { model } else { nil }
    }

    /// A driver that is ready, with these axes.
    private static func ready(_ axes: String) throws -> TCode {
        var output = DeviceOutput()
        var driver = Self.driver(axes)
        let model = try #require(Self.model(of: driver.begin(into: &output)))
        _ = driver.adopt(model, into: &output)
        return driver
    }

    @Test("A device is asked for its axes, and they become its features, however its answer is cut")
    func asks() throws {
        let answer = "V0 0 9999 Vibe0\r\nL0 0 9999 Stroke\r\nR1 0 9999 Roll\r\nA2 0 9999 Lube\r\n"
        for size in [1, 3, 7, 1_000] {
            var output = DeviceOutput()
            var driver = Self.driver()
            _ = driver.begin(into: &output)
            #expect(Self.written(&output) == "D0\n")
            _ = Self.tell("Fake OSR 1.0\r\n", &driver, &output)
            #expect(Self.written(&output) == "D2\n")
            var rest = Substring(answer)
            while !rest.isEmpty {
                _ = Self.tell(String(rest.prefix(size)), &driver, &output)
                rest = rest.dropFirst(size)
            }
            let model = try #require(Self.model(of: driver.waited(into: &output)))
            #expect(model.name == "Fake OSR 1.0")
            let features = model.features
            #expect(features.map(\.description) == ["L0 Stroke", "R1 Roll", "V0 Vibe0"])
            #expect(
                features.map { $0.outputs.map(\.type) } == [
                    [.position, .hwPositionWithDuration], [.position, .hwPositionWithDuration], [.vibrate],
                ])
        }
    }

    @Test("What a device calls an axis is cut so that the whole of what is shown is not too long")
    func longAxisText() throws {
        var output = DeviceOutput()
        var driver = Self.driver()
        _ = driver.begin(into: &output)
        _ = Self.tell("Fake OSR 1.0\r\n", &driver, &output)
        _ = Self.tell("L0 0 9999 \(String(repeating: "S", count: 100))\r\n", &driver, &output)
        let model = try #require(Self.model(of: driver.waited(into: &output)))
        #expect(model.features.map(\.description) == ["L0 " + String(repeating: "S", count: ShownName.scalarsMax - 3)])
    }

    @Test("A device that says nothing, or noise, has one stroke and no name of its own")
    func saysNothing() throws {
        for noise in ["", "\u{1}\u{2}\n\n\n", String(repeating: "x", count: 5_000) + "\n", "\nL0 a b\nL 0 9999\nLX 0 1\n"] {
            var output = DeviceOutput()
            var driver = Self.driver()
            _ = driver.begin(into: &output)
            _ = Self.tell(noise, &driver, &output)
            var opening = driver.waited(into: &output)
            _ = Self.tell(noise, &driver, &output)
            if case .wait = opening { opening = driver.waited(into: &output) }
            let model = try #require(Self.model(of: opening))
            #expect(model.name == "T-code stroker")
            #expect(model.outputs.map(\.type) == [.position, .hwPositionWithDuration])
        }
    }

    @Test("All outputs that changed are one line with four digits each")
    func oneLine() throws {
        var output = DeviceOutput()
        var driver = try Self.ready("L0,R0,V0")
        var state = OutputState()
        (state.values[1], state.durations[1], state.values[2], state.values[4]) = (9_999, 100, 5_000, 7)
        state.dirty = 0b10110
        driver.encode(state, into: &output)
        #expect(output.steps.count == 1)
        #expect(Self.written(&output) == "L09999I100 R05000 V00007\n")
    }

    @Test("A stop halts moves once and puts what is held to zero; where a stroker stands it stays")
    func stop() throws {
        var output = DeviceOutput()
        var driver = try Self.ready("L0,V0,A0")
        var state = OutputState()
        state.dirty = 0b1100
        state.isStop = true
        driver.encode(state, into: &output)
        #expect(Self.written(&output) == "DSTOP\nV00000 A00000\n")
    }

    @Test("Of two targets of one axis in one turn the one with a time is written, and values beyond the range are its end")
    func twoTargets() throws {
        var output = DeviceOutput()
        var driver = try Self.ready("L0")
        var state = OutputState()
        (state.values[0], state.values[1], state.durations[1]) = (1, 20_000, 50)
        state.dirty = 0b11
        driver.encode(state, into: &output)
        #expect(Self.written(&output) == "L09999I50\n")
    }

    @Test("A list of axes is letters and digits, each once, and no more than a device can have")
    func lists() {
        #expect(TCode.axes("L0,R0,V0")?.count == 3)
        #expect(TCode.axes("l0, r0")?.count == 2)
        for text in ["", "L0,", "L0,L0", "X0", "L", "L00", "L0;R0", "L٣"] { #expect(TCode.axes(text) == nil, "\(text)") }
        #expect(TCode.axes((0...9).map { "L\($0)" }.joined(separator: ",") + ",R0,R1,R2,R3,R4,R5,R6") == nil)
    }

    @Test("Lines of more than a kilobyte are dropped, and the next one is read")
    func longLines() {
        var lines = LineReader()
        let text = Array((String(repeating: "x", count: 1_025) + "\nabc\r\n" + String(repeating: "y", count: 1_024) + "\nd").utf8)
        let read = text.withUnsafeBytes { lines.take($0.bytes) }
        #expect(read.map(\.count) == [3, 1_024])
    }
}
