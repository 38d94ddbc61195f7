// Looks at serial ports and at Bluetooth for `plugboard doctor`. It asks BlueZ, for a second at most.
// Must not open a port: that would reset the board at its other end. Must not say what is good.

import DBus
import Hardware
import Platform
import UV

enum HardwareProbe {
    // MARK: Serial ports

    /// The ports of the configuration, then others that are there.
    static func serial(_ configured: [String]) -> [DoctorFacts.Serial] {
        let links = FileTree.names(in: "/dev/serial/by-id").map { "/dev/serial/by-id/\($0)" }
        let plain = FileTree.names(in: "/dev").filter { $0.hasPrefix("ttyUSB") || $0.hasPrefix("ttyACM") }.map { "/dev/\($0)" }
        let named = Set((configured + links).map(FileTree.realPath))
        let others = (links + plain.filter { !named.contains($0) }).filter { other in
            !configured.contains { FileTree.realPath($0) == FileTree.realPath(other) }
        }
        return configured.map { .init(path: $0, isConfigured: true, state: state($0)) }
            + others.sorted().map { .init(path: $0, isConfigured: false, state: state($0)) }
    }

    private static func state(_ path: String) -> DoctorFacts.Serial.State {
        if FileTree.isAbsent(path) { return .absent }
        guard FileTree.isCharacterDevice(path) else { return .noLine }
        guard SystemProbes.mayUse(path) else { return .closed(group: SystemGroup.name(ofFile: path)) }
        return PortHolder.find(opening: FileTree.realPath(path)).map { .held($0) } ?? .good
    }

    // MARK: Bluetooth

    static func bluetooth(_ choice: BluetoothChoice, busAt path: String) -> DoctorFacts.Bluetooth {
        var facts = DoctorFacts.Bluetooth()
        facts.isWanted = choice != .off
        if case .named(let name) = choice { facts.wantedAdapter = name }
        facts.adapters = FileTree.names(in: "/sys/class/bluetooth").filter { $0.hasPrefix("hci") && !$0.contains(":") }.sorted()
        if facts.isWanted || !facts.adapters.isEmpty { facts.daemon = daemon(path) }
        return facts
    }

    /// How long BlueZ may take, in all.
    private static let patience: UInt64 = 2_000_000_000

    private static func daemon(_ path: String) -> DoctorFacts.Bluetooth.Daemon {
        let socket: LocalSocket
        do throws(UVError) { socket = try LocalSocket(path: path, seconds: 1) } catch { return .noBus(path) }
        var connection = DBusConnection<Void>()
        var passed: [Int32] = []
        connection.call(DBusMessage(call: "GetManagedObjects", of: DBusNames.objects, on: "/", to: "org.bluez"), for: ())
        let end = MonotonicClock.nanoseconds + patience
        do {
            while MonotonicClock.nanoseconds < end {
                try socket.write(connection.takeOutput())
                let bytes = try socket.read()
                if bytes.isEmpty { return .silentBus(path, "it ends the connection") }
                try connection.receive(bytes.span.bytes, passed: &passed)
                while let event = try connection.next(passed: &passed) {
                    switch event {
                    case .answer(_, let message): return .answers(adapters(message.values?.first?.dictionary ?? []))
                    case .failure(_, let failure): return failure.name.hasSuffix(".AccessDenied") ? .forbidden : .absent
                    case .ready, .signal: break
                    }
                }
            }
        } catch let error as UVError {
            return .silentBus(path, error.sentence)
        } catch { return .silentBus(path, "what it says is not D-Bus") }
        return .silentBus(path, "it takes too long")
    }

    private static func adapters(_ objects: [DBusEntry]) -> [DoctorFacts.Adapter] {
        objects.compactMap { object in
            let interfaces = object.value.dictionary ?? []
            guard let path = object.key.text, let facts = interfaces.first(where: { $0.key.text == "org.bluez.Adapter1" })?.value.dictionary
            else { return nil }
            let name = String(path.split(separator: "/").last ?? "")
            let isPowered = facts.first { $0.key.text == "Powered" }?.value.truth == true
            return DoctorFacts.Adapter(name: name, isPowered: isPowered, block: block(of: name))
        }.sorted { $0.name < $1.name }
    }

    /// What rfkill says of an adapter.
    private static func block(of adapter: String) -> DoctorFacts.Adapter.Block {
        let folder = "/sys/class/bluetooth/\(adapter)"
        for name in FileTree.names(in: folder) where name.hasPrefix("rfkill") {
            if SystemFiles.read("\(folder)/\(name)/hard")?.first == UInt8(ascii: "1") { return .hard }
            if SystemFiles.read("\(folder)/\(name)/soft")?.first == UInt8(ascii: "1") { return .soft }
        }
        return .none
    }
}
