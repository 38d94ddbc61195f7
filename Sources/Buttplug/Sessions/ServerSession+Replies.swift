// What a session says: each function writes complete messages, one per frame, into the outgoing buffer.
// Must not know versions; where they differ, the dialect is asked.

import Host

extension ServerSession {
    /// `Ok`: the same bytes in every version.
    @inlinable @inline(__always)
    public static func ok(_ id: UInt32, into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        let target = buffer.room(32)
        target.storeBytes(of: Self.okHead, as: UInt64.self)
        target.storeBytes(of: Self.idHead, toByteOffset: 8, as: UInt64.self)
        let n = Decimal.write(id, at: target + 13)
        target.storeBytes(of: Self.okTail, toByteOffset: 13 &+ n, as: UInt32.self)
        buffer.advance(16 &+ n)
        buffer.end(start)
    }

    /// `[{"Ok":{`, `"Id":` and `}}]`, as they lie in memory.
    @inlinable static var okHead: UInt64 { UInt64(littleEndian: 0x7B3A_226B_4F22_7B5B) }
    @inlinable static var idHead: UInt64 { UInt64(littleEndian: 0x0000_003A_2264_4922) }
    @inlinable static var okTail: UInt32 { UInt32(littleEndian: 0x005D_7D7D) }

    /// `Error` with one of the failures this module knows.
    public static func error(_ id: UInt32, _ failure: Failure, into buffer: inout MessageBuffer) {
        let start = beginError(id, failure.code, into: &buffer)
        failure.write(into: &buffer)
        endError(start, into: &buffer)
    }

    /// `Error` with a short plain text.
    public static func error(_ id: UInt32, _ code: ErrorCode, _ text: StaticString, into buffer: inout MessageBuffer) {
        let start = beginError(id, code, into: &buffer)
        buffer.append(text)
        endError(start, into: &buffer)
    }

    /// `Error` with a text of its own; any characters.
    public static func error(_ id: UInt32, _ code: ErrorCode, text: String, into buffer: inout MessageBuffer) {
        let start = beginError(id, code, into: &buffer)
        buffer.append(escaping: text)
        endError(start, into: &buffer)
    }

    private static func beginError(_ id: UInt32, _ code: ErrorCode, into buffer: inout MessageBuffer) -> Int {
        let start = buffer.begin()
        buffer.append("[{\"Error\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"ErrorCode\":")
        buffer.append(UInt32(code.rawValue))
        buffer.append(",\"ErrorMessage\":\"")
        return start
    }

    private static func endError(_ start: Int, into buffer: inout MessageBuffer) {
        buffer.append("\"}}]")
        buffer.end(start)
    }

    /// The answer to a `Test`: the same message again.
    public static func test(_ id: UInt32, text: String, into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        buffer.append("[{\"Test\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"TestString\":")
        buffer.append(string: text)
        buffer.append("}}]")
        buffer.end(start)
    }

    /// A scan has ended.
    public static func scanningFinished(into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        buffer.append("[{\"ScanningFinished\":{\"Id\":0}}]")
        buffer.end(start)
    }

    /// The answer to the handshake. `maxPingTime` in milliseconds, 0 for none. The devices are those the session may see now: later
    /// ones are announced to versions without whole lists.
    public mutating func serverInfo(
        _ id: UInt32, serverName: String, maxPingTime: UInt32, devices: DeviceView, into buffer: inout MessageBuffer
    ) {
        guard let version else { return }
        devices.forEach { info, _ in unlisted.insert(info.index) }
        version.dialect.appendServerInfo(id, serverName: serverName, maxPingTime: maxPingTime, into: &buffer)
    }

    /// The answer to `RequestDeviceList`.
    public mutating func deviceList(_ id: UInt32, devices: DeviceView, into buffer: inout MessageBuffer) {
        guard let version else { return }
        if !version.facts.contains(.wholeLists) {
            unlisted.removeAll()
            announced.removeAll()
            devices.forEach { info, _ in announced.insert(info.index) }
        }
        version.dialect.appendDeviceList(id, devices, into: &buffer)
    }

    /// Something came, went or changed: a version with whole lists gets one, others a `DeviceAdded` or `DeviceRemoved` for each
    /// index that differs from what they were told. Writes any number of messages, also none.
    public mutating func deviceListChanged(_ devices: DeviceView, into buffer: inout MessageBuffer) {
        guard let version else { return }
        if version.facts.contains(.wholeLists) {
            version.dialect.appendDeviceList(0, devices, into: &buffer)
            return
        }
        for index in 0..<max(announced.limit, unlisted.limit) where !devices.shows(index) {
            unlisted.remove(index)
            if announced.contains(index) {
                announced.remove(index)
                LegacyLists.appendRemoved(index, into: &buffer)
            }
        }
        let dialect = version.dialect
        devices.forEach { info, legacy in
            if announced.contains(info.index) || unlisted.contains(info.index) { return }
            announced.insert(info.index)
            LegacyLists.appendAdded(dialect, info, legacy, into: &buffer)
        }
    }
}
