// The messages that steps read, as client libraries write them, and as frames.
// Must not know how they are used.

enum Texts {
    /// How a text is laid out.
    enum Layout { case compact, spaced, reordered }

    static func output(_ id: Int, device: Int = 0, feature: Int, value: Int, _ layout: Layout = .compact) -> String {
        switch layout {
        case .compact:
            #"[{"OutputCmd":{"Id":\#(id),"DeviceIndex":\#(device),"FeatureIndex":\#(feature),"Command":{"Vibrate":{"Value":\#(value)}}}}]"#
        case .spaced:
            #"[{"OutputCmd": {"Id": \#(id), "DeviceIndex": \#(device), "FeatureIndex": \#(feature), "#
                + #""Command": {"Vibrate": {"Value": \#(value)}}}}]"#
        case .reordered:
            #"[{"OutputCmd":{"Command":{"Vibrate":{"Value":\#(value)}},"FeatureIndex":\#(feature),"DeviceIndex":\#(device),"Id":\#(id)}}]"#
        }
    }

    static func handshake(_ version: Int, name: String = "bench") -> String {
        switch version {
        case 4: #"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(name)","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
        case 0: #"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(name)"}}]"#
        default: #"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(name)","MessageVersion":\#(version)}}]"#
        }
    }

    /// A masked text frame, as a client sends it.
    static func frame(_ text: String) -> [UInt8] {
        let payload = Array(text.utf8)
        let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
        var frame: [UInt8] = [0x81]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        }
        frame += key
        for (index, byte) in payload.enumerated() { frame.append(byte ^ key[index & 3]) }
        return frame
    }
}
