// What the doctor's facts about serial ports and Bluetooth mean, and the one line that mends each.
// Must not look anything up. What the configuration asks for and cannot work fails; what nobody asked for is a warning at most.

extension DoctorChecks {
    static func serial(_ facts: DoctorFacts) -> [Finding] {
        guard !facts.serial.isEmpty else { return [.ok("serial", "no serial port is there")] }
        return facts.serial.map { port in
            let path = port.path
            switch port.state {
            case .good where port.isConfigured: return .ok("serial", "\(path) is there and can be opened")
            case .good: return .ok("serial", "\(path) is there; a [[hardware.serial]] with this port would use it")
            case .absent:
                return trouble(
                    port, "\(path) is not there", "plug the device in, or correct \"port\": `ls /dev/serial/by-id` lists those there are")
            case .noLine:
                return trouble(port, "\(path) is no serial line", "correct \"port\": `ls /dev/serial/by-id` lists those there are")
            case .closed(let group):
                let group = group ?? "dialout"
                return trouble(port, "this user may not use \(path)", "sudo usermod -aG \(group) \"$USER\", then log in again")
            case .held(let holder) where holder.isPlugboard: return .ok("serial", "\(path) is open in a router (process \(holder.process))")
            case .held(let holder): return trouble(port, "\(path) is open in \(holder)", "end that program")
            }
        }
    }

    private static func trouble(_ port: DoctorFacts.Serial, _ text: String, _ remedy: String) -> Finding {
        port.isConfigured ? .fail("serial", text, remedy) : .warn("serial", text, remedy)
    }

    static func bluetooth(_ facts: DoctorFacts) -> [Finding] {
        let bluetooth = facts.bluetooth
        func trouble(_ text: String, _ remedy: String) -> [Finding] {
            [bluetooth.isWanted ? .fail("bluetooth", text, remedy) : .warn("bluetooth", text, remedy)]
        }
        let seen = bluetooth.adapters.joined(separator: ", ")
        switch bluetooth.daemon {
        case .unasked: return [.ok("bluetooth", "no Bluetooth adapter is there")]
        case .noBus(let path):
            return trouble("there is no D-Bus at \(path)", "sudo systemctl start dbus (in a container: mount that socket into it)")
        case .silentBus(let path, let reason): return trouble("D-Bus at \(path) does not answer: \(reason)", "sudo systemctl restart dbus")
        case .absent:
            return trouble(
                "\(seen.isEmpty ? "BlueZ" : "\(seen) is there, and BlueZ") does not run", "sudo systemctl enable --now bluetooth")
        case .forbidden:
            return trouble("this user may not use BlueZ", "sudo usermod -aG bluetooth \"$USER\", then log in again")
        case .answers(let adapters): return [adapterFinding(bluetooth, adapters)]
        }
    }

    private static func adapterFinding(_ bluetooth: DoctorFacts.Bluetooth, _ adapters: [DoctorFacts.Adapter]) -> Finding {
        func trouble(_ text: String, _ remedy: String) -> Finding {
            bluetooth.isWanted ? .fail("bluetooth", text, remedy) : .warn("bluetooth", text, remedy)
        }
        guard !adapters.isEmpty else {
            guard bluetooth.isWanted else { return .ok("bluetooth", "BlueZ runs, and no Bluetooth adapter is there") }
            return trouble("BlueZ runs, and no Bluetooth adapter is there", "plug one in; `sudo dmesg` says what the system makes of it")
        }
        let names = adapters.map(\.name).joined(separator: ", ")
        let adapter: DoctorFacts.Adapter
        if let wanted = bluetooth.wantedAdapter {
            guard let found = adapters.first(where: { $0.name == wanted }) else {
                return trouble(
                    "there is no adapter \(wanted), but \(names)",
                    "set bluetooth = \"auto\", or the name of one that is there, in [hardware]")
            }
            adapter = found
        } else {
            adapter = adapters.first(where: \.isPowered) ?? adapters[0]
        }
        if adapter.isPowered {
            let use = bluetooth.isWanted ? "" : "; bluetooth = \"auto\" in [hardware] would use it"
            return .ok("bluetooth", "\(adapter.name) is on, and BlueZ answers\(use)")
        }
        switch adapter.block {
        case .hard: return trouble("\(adapter.name) is off by a switch or a key of this computer", "switch its radio on there")
        case .soft: return trouble("\(adapter.name) is blocked", "sudo rfkill unblock bluetooth")
        case .none: return trouble("\(adapter.name) is off", "bluetoothctl power on")
        }
    }
}
