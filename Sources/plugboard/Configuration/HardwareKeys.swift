// The keys of [hardware], [[hardware.serial]] and [[hardware.websocket]].
// Must not know how a device is driven.

import Hardware
import Host
import UV
import UVHost

enum HardwareKeys {
    static let hardware = SettingSection(
        name: "hardware", meaning: "Hardware. In preparation: it was tried with programs that stand in for devices, and on no device yet.",
        keys: [
            .text(
                "bluetooth", \.hardware.bluetooth.text, longest: 16,
                """
                Bluetooth LE devices, through BlueZ: "off", "auto" (the first adapter that is on) or an adapter, as "hci0".
                """,
                check: { (text: String) throws(Refusal) in
                    if BluetoothChoice(text) == nil { throw Refusal("must be \"off\", \"auto\" or an adapter, as \"hci0\"") }
                }
            ).afterRestart,
            .interval(
                "scan_time", \.hardware.scanTime, .seconds(1) ... .seconds(600),
                "How long a scan looks for hardware, unless it ends before or all clients have stopped it."
            ).afterRestart,
            .text(
                "device_config", ifSet: \.deviceFile, longest: 4096, example: "\"/etc/plugboard/buttplug-device-config-v5.json\"",
                """
                A device configuration of Buttplug (version 4 or 5), instead of what is built in. It is read and never written. Unset: what \
                is built in.
                """
            ).afterRestart,
            .text(
                "user_device_config", ifSet: \.userDeviceFile, longest: 4096,
                example: "\"/home/me/.local/share/com.nonpolynomial/intiface_central/config/buttplug-user-device-config-v5.json\"",
                """
                What a user has set in Intiface Central (version 4 or 5): names, indices, limits, denied devices, simulated ones, programs \
                that dial in. It is read and never written; entries that cannot be used are left out and told. What it says of single \
                devices is read again at a reload, the rest at a start.
                """),
            .boolean(
                "watchdog", \.hasWatchdog,
                "Whether a process of its own brings devices to zero when the router is killed, crashes or hangs (docs/watchdog.md)."
            ).afterRestart,
            .text(
                "websocket_listen", \.socketListen, longest: 4096,
                """
                Where programs dial in as devices, if there is any [[hardware.websocket]]. Who may is the same as for apps: without tokens \
                it has to be an address of this computer.
                """, check: checkSocketListen
            ).afterRestart,
        ])

    static let serialPort = SettingList(
        "hardware.serial", \.serialPorts, of: SettingElement(new: { SerialEntry() }, required: ["port"], keys: serialKeys), isFixed: true,
        """
        Serial ports with a device each. Only these are opened, as soon as they are there, and by no other program meanwhile: to try other \
        ports would reset printers and boards.
        """)

    private static let serialKeys: [SettingKey<SerialEntry>] = [
        .text(
            "port", ifSet: \.path, longest: 4096, example: "\"/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0\"",
            "The port's file. One below /dev/serial/by-id stays the same when the device is plugged in elsewhere, and so does the device's index.",
            check: { (text: String) throws(Refusal) in
                if !text.hasPrefix("/") { throw Refusal("must be the full path of a file, like \"/dev/ttyUSB0\"") }
            }),
        .choice("protocol", \.protocolName, "What the device understands: \"tcode-v03\" is T-code 0.3, of strokers with several axes."),
        .integer("baud", \.baud, 9_600...1_000_000, "Bits a second: \(SerialLine.speeds.map { "\($0)" }.joined(separator: ", "))."),
        .text(
            "axes", ifSet: \.axes, example: "\"L0,R0,V0\"",
            "The axes of a T-code device. Unset: the device is asked, and one that does not answer has L0.",
            check: { (text: String) throws(Refusal) in
                if !SerialPort.areAxes(text) { throw Refusal("must be axes like \"L0,R0,V0\": L, R, V or A and a digit, each once") }
            }),
    ]

    @Sendable
    private static func checkSocketListen(_ text: String) throws(Refusal) {
        do throws(BadAddress) { _ = try Endpoint(text, for: .listening) } catch {
            throw Refusal("names \(quoted(text)), which is not an address to listen on: \(error.hint)")
        }
    }

    static let socketDevice = SettingList(
        "hardware.websocket", \.socketDevices,
        of: SettingElement(new: { SocketEntry() }, required: ["identifier", "protocol"], keys: socketKeys), isFixed: true,
        """
        Programs that dial in as devices: each says its identifier and its address, and then gets the bytes that a device of its protocol \
        would get.
        """)

    private static let socketKeys: [SettingKey<SocketEntry>] = [
        .text(
            "identifier", ifSet: \.identifier, example: "\"LVSDevice\"", "The identifier that the program says, to the letter.",
            check: { (text: String) throws(Refusal) in if text.isEmpty { throw Refusal("must not be empty") } }),
        .text(
            "protocol", ifSet: \.protocolName, example: "\"lovense\"", "The protocol that it understands.",
            check: { (text: String) throws(Refusal) in
                if !HardwareConfiguration.knows(protocol: text) {
                    let known = HardwareConfiguration.protocolNames
                    throw Refusal("names \(quoted(text)), which is no protocol; nearest: \(quoted(nearest(to: text, in: known) ?? ""))")
                }
            }),
        .text(
            "model", ifSet: \.model, example: "\"Z\"",
            "What the protocol would ask the device otherwise: its model, or the axes of a T-code device. Unset: it is asked."),
    ]

    /// What is wrong with where programs dial in.
    static func troubles(withSockets settings: Settings) -> [String] {
        let names = settings.socketDevices.compactMap(\.identifier)
        var troubles = Set(names).sorted().filter { name in names.count { $0 == name } > 1 }.map { "\(quoted($0)) is named twice" }
        guard !settings.server.hardware.expectedSockets.isEmpty, let endpoint = settings.socketEndpoint else { return troubles }
        if let reason = SettingTable.refusal(ofDeviceHostAt: endpoint, settings) { troubles.append(reason) }
        if let taken = settings.clientListeners.compactMap(\.endpoint).first(where: { $0.collides(with: endpoint) }) {
            troubles.append("\(endpoint) is named twice: apps connect to \(taken)")
        }
        return troubles
    }

    /// What is wrong with the ports together.
    static func troubles(withPorts ports: [SerialEntry]) -> [String] {
        var troubles: [String] = []
        for (number, port) in ports.enumerated() {
            if ports[..<number].contains(where: { $0.path == port.path && port.path != nil }) {
                troubles.append("\(quoted(port.path ?? "")) is named twice")
            }
            if !SerialLine.speeds.contains(port.baud) {
                let known = SerialLine.speeds.map { "\($0)" }.joined(separator: ", ")
                troubles.append("\"baud\" is \(port.baud), which no line of this system has; those there are: \(known)")
            }
        }
        return troubles
    }
}

extension BluetoothChoice {
    /// As text that was checked.
    fileprivate var text: String {
        get { word }
        set { self = BluetoothChoice(newValue) ?? .off }
    }
}

/// What a device at a serial port understands.
enum SerialProtocol: String, CaseIterable, Sendable {
    case tcode = "tcode-v03"
}

/// One `[[hardware.websocket]]`.
struct SocketEntry: Sendable {
    var identifier: String?
    var protocolName: String?
    var model: String?

    var device: SocketDevice? {
        guard let identifier, let protocolName else { return nil }
        return SocketDevice(identifier, protocolName: protocolName, model: model)
    }
}

/// One `[[hardware.serial]]`.
struct SerialEntry: Sendable {
    var path: String?
    var protocolName = SerialProtocol.tcode
    var baud = 115_200
    var axes: String?

    var port: SerialPort? {
        guard let path else { return nil }
        var port = SerialPort(path)
        port.protocolName = protocolName.rawValue
        port.baud = baud
        port.axes = axes
        return port
    }
}
