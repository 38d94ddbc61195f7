// The journal of device writes: one JSON line each, gathered in a reused buffer and handed on once per turn.
// Must not know files; a `JournalSink` takes the bytes and deals with full disks.

import Buttplug
import Host

/// Where a journal goes. It gets whole lines. A sink that cannot take them drops them and counts; it never blocks for long.
public protocol JournalSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer)
}

/// Writes down what the devices of all backends are told, refused writes too:
/// `{"t":1.250000,"device":0,"name":"Simulated Rabbit","feature":0,"output":"Vibrate","value":12,"duration":null,"session":3}`.
/// `t` is in seconds of the host's clock, `duration` in milliseconds and only of `HwPositionWithDuration`; `session` is the
/// slot of the session whose value it is, null for a zero and for any other value that is nobody's. Allocates nothing per line.
public final class DeviceJournal {
    private let sink: any JournalSink
    private let base: UnsafeMutableRawPointer
    /// Names as they are in the lines, by backend and device; empty until the first write.
    @exclusivity(unchecked) private var names: [[[UInt8]]] = []
    @exclusivity(unchecked) private var count = 0

    /// Room for a turn's lines; a turn with more is handed on in parts.
    private static let capacity = 64 * 1024
    /// Bytes of a line without its name, at most: 95 of text, 20 + 7 of time, five numbers of up to 11, an output of up to 22.
    private static let lineMax = 256

    public init(sink: any JournalSink) {
        self.sink = sink
        base = .allocate(byteCount: Self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Writes one line.
    /// - Parameters:
    ///   - write: What is written to the device.
    ///   - now: When.
    ///   - name: The device's name, asked for once in a device's life. A name of more than some 60,000 bytes is left out of the line.
    public func record(_ write: DeviceWrite, at now: Instant, name: (DeviceWrite) -> String) {
        if !knows(write) { learn(write, name(write)) }
        names[Int(write.backend)][Int(write.device)].withUnsafeBytes { record(write, of: $0, at: now) }
    }

    private func knows(_ write: DeviceWrite) -> Bool {
        write.backend < names.count && write.device < names[Int(write.backend)].count
            && !names[Int(write.backend)][Int(write.device)].isEmpty
    }

    private func learn(_ write: DeviceWrite, _ name: String) {
        while names.count <= write.backend { names.append([]) }
        while names[Int(write.backend)].count <= write.device { names[Int(write.backend)].append([]) }
        names[Int(write.backend)][Int(write.device)] = Self.escaped(name)
    }

    private static func escaped(_ name: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private func record(_ write: DeviceWrite, of name: UnsafeRawBufferPointer, at now: Instant) {
        let nameBytes = name.count <= Self.capacity - Self.lineMax ? name.count : 0
        if count + Self.lineMax + nameBytes > Self.capacity { flush() }
        text("{\"t\":")
        seconds(now)
        text(",\"device\":")
        number(UInt64(write.deviceIndex))
        text(",\"name\":\"")
        (base + count).copyMemory(from: name.baseAddress ?? UnsafeRawPointer(base), byteCount: nameBytes)
        count += nameBytes
        text("\",\"feature\":")
        number(UInt64(write.feature))
        text(",\"output\":\"")
        text(write.type.name)
        text("\",\"value\":")
        if write.value < 0 { text("-") }
        number(UInt64(write.value.magnitude))
        text(",\"duration\":")
        if write.type == .hwPositionWithDuration { number(UInt64(write.duration)) } else { text("null") }
        text(",\"session\":")
        if write.session == DeviceWrite.noSession { text("null") } else { number(UInt64(write.session)) }
        text("}\n")
    }

    /// Hands on what was written since the last time.
    public func flush() {
        if count == 0 { return }
        let bytes = UnsafeRawBufferPointer(start: base, count: count)
        count = 0
        sink.write(bytes)
    }

    private func text(_ text: StaticString) {
        (base + count).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    /// Seconds with six decimals.
    private func seconds(_ time: Instant) {
        number(time.nanoseconds / 1_000_000_000)
        text(".")
        number(time.nanoseconds % 1_000_000_000 / 1_000, digits: 6)
    }

    /// A number in decimals, with leading zeros up to `digits`.
    private func number(_ value: UInt64, digits: Int = 1) {
        if value < 10, digits == 1 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ value), toByteOffset: count, as: UInt8.self)
            count &+= 1
            return
        }
        var width = 1
        var rest = value / 10
        while rest > 0 { (width, rest) = (width &+ 1, rest / 10) }
        width = max(width, digits)
        rest = value
        var index = count &+ width
        while index > count {
            index &-= 1
            base.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ rest % 10), toByteOffset: index, as: UInt8.self)
            rest /= 10
        }
        count &+= width
    }
}
