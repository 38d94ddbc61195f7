// Says of the facts what they mean to apps, and the one line that mends what is not as it should be.
// Must not look anything up: facts in, findings out.

/// The checks, in the order in which they are told.
enum DoctorChecks {
    static func findings(_ facts: DoctorFacts) -> [Finding] {
        configuration(facts) + places(facts) + localhost(facts) + upstreams(facts) + certificate(facts) + admin(facts) + state(facts)
            + limits(facts)
            + clock(facts) + serial(facts) + bluetooth(facts)
    }

    static func configuration(_ facts: DoctorFacts) -> [Finding] {
        switch facts.configuration {
        case .none: [.ok("configuration", "no file; the defaults are in force")]
        case .loaded(let file): [.ok("configuration", "\(file) is good")]
        case .refused(let problems):
            problems.map {
                .fail("configuration", $0, "mend it, and ask `plugboard check`; what follows is about the defaults")
            }
        }
    }

    static func places(_ facts: DoctorFacts) -> [Finding] {
        facts.places.map { place in
            switch place.state {
            case .free: return .ok("port", "\(place.address) is free")
            case .taken(let holder, isRouter: true):
                return .ok("port", "\(place.address) is Plugboard's: \(holder ?? "a router") runs there")
            case .taken(let holder, isRouter: false):
                let text = "\(place.address) is taken by \(holder ?? "another program")"
                guard let port = place.port else { return .fail("port", text, "stop that program, or name another path with --listen") }
                return .fail("port", text, StartHints.freeing(port))
            case .impossible(let reason):
                return .fail("port", "\(place.address): \(reason)", "name an address of this computer, like --listen ws://localhost:12345")
            }
        }
    }

    static func localhost(_ facts: DoctorFacts) -> [Finding] {
        guard let first = facts.localhost.first else {
            return [.fail("localhost", "localhost has no address", "add the line `127.0.0.1 localhost` to /etc/hosts")]
        }
        if let odd = facts.localhost.first(where: { $0 != "::1" && !$0.hasPrefix("127.") }) {
            return [.fail("localhost", "localhost is \(odd), another computer", "make it `127.0.0.1 localhost` in /etc/hosts")]
        }
        let all = facts.localhost.joined(separator: ", then ")
        // Without a TCP listener nobody asks for it.
        guard !facts.hosts.isEmpty, !listens(on: first, facts) else { return [.ok("localhost", "localhost is \(all)")] }
        return [
            .warn(
                "localhost", "localhost is \(all), and Plugboard does not listen on \(first)",
                "listen on both with --listen ws://localhost:PORT, or listen = [\"ws://localhost:PORT\"] in [server]")
        ]
    }

    /// Whether an app that goes to that address comes to one of the places.
    private static func listens(on address: String, _ facts: DoctorFacts) -> Bool {
        facts.hosts.contains(address) || facts.hosts.contains("::") || (!address.contains(":") && facts.hosts.contains("0.0.0.0"))
    }

    static func upstreams(_ facts: DoctorFacts) -> [Finding] {
        facts.upstreams.map { upstream in
            guard let trouble = upstream.trouble else { return .ok("upstream", "\(upstream.address) answers") }
            return .fail(
                "upstream", "\(upstream.address) does not answer: \(trouble)",
                "start that server, or correct --upstream or the url in [[upstream]]")
        }
    }

    static func admin(_ facts: DoctorFacts) -> [Finding] {
        let hasRouter = facts.places.contains { if case .taken(_, isRouter: true) = $0.state { true } else { false } }
        switch facts.admin {
        case .answers(let address, let version): return [.ok("admin", "a router (\(version)) answers at \(address)")]
        case .refused(let reason):
            return [.warn("admin", reason, "run the command as the user of the router, or name another with --socket or --url")]
        case .nobody(let addresses) where hasRouter:
            return [
                .warn(
                    "admin", "a router runs, and does not answer at \(addresses.joined(separator: " or "))",
                    "name its admin address with --socket or --url")
            ]
        case .nobody: return [.ok("admin", "no router runs; `plugboard serve` starts one")]
        }
    }

    static func state(_ facts: DoctorFacts) -> [Finding] {
        switch facts.state {
        case .unwanted: [.ok("state", "nothing is kept over a restart, as it is configured")]
        case .homeless:
            [
                .warn(
                    "state", "nothing is kept over a restart: the environment names no place",
                    "set --state-file FILE, STATE_DIRECTORY or HOME")
            ]
        case .file(let path, trouble: nil): [.ok("state", "\(path) can be kept")]
        case .file(let path, let trouble?):
            [
                .fail(
                    "state", "\(path) cannot be kept: \(trouble)",
                    "let this user write there, or name another file with --state-file FILE (none with --state-file '')")
            ]
        }
    }

    /// Nothing to say where there is no TLS.
    static func certificate(_ facts: DoctorFacts) -> [Finding] {
        switch facts.certificate {
        case .none: []
        case .good(let file, let days) where days < CertificateKeeper.warningDays:
            [
                .warn(
                    "certificate", "\(file) ends in \(days) days",
                    "renew it (plugboard certificate new --force, or what made it), then plugboard reload")
            ]
        case .good(let file, let days): [.ok("certificate", "\(file) is good for \(days) days")]
        case .bad(let text): [.fail("certificate", text, "mend that file, or make a pair: plugboard certificate new --host NAME")]
        }
    }

    static func limits(_ facts: DoctorFacts) -> [Finding] {
        let needed = facts.sessions + descriptorsBesides
        guard facts.descriptors < needed else {
            return [.ok("limits", "\(facts.sessions) sessions fit the descriptor limit")]
        }
        return [
            .warn(
                "limits", "\(facts.sessions) sessions need \(needed) descriptors, and \(facts.descriptors) are allowed",
                "raise it (LimitNOFILE=\(needed) of a service, `ulimit -Hn`), or set sessions = \(max(1, facts.descriptors - descriptorsBesides))"
                    + " in [limits]")
        ]
    }

    /// Listeners, files, the loop's own, upstreams.
    private static let descriptorsBesides = 64

    static func clock(_ facts: DoctorFacts) -> [Finding] {
        guard facts.year >= 2025 else {
            return [.fail("clock", "the clock shows the year \(facts.year)", "set it: timedatectl set-ntp true")]
        }
        switch facts.isClockSynchronised {
        case true?: return [.ok("clock", "the clock is set and synchronised")]
        case false?:
            return [.warn("clock", "the clock is set and not yet synchronised", "let it be set from the network: timedatectl set-ntp true")]
        case nil: return [.ok("clock", "the clock is set; no service reports whether it is synchronised")]
        }
    }

    static func serial(_ facts: DoctorFacts) -> [Finding] {
        if facts.serialPorts.isEmpty { return [.ok("serial", "no serial port is there")] }
        guard !facts.closedSerialPorts.isEmpty else {
            return [.ok("serial", "\(facts.serialPorts.joined(separator: ", ")) can be used")]
        }
        return [
            .warn(
                "serial", "this user may not use \(facts.closedSerialPorts.joined(separator: ", "))",
                "sudo usermod -aG dialout \"$USER\", then log in again")
        ]
    }

    static func bluetooth(_ facts: DoctorFacts) -> [Finding] {
        let bluetooth = facts.bluetooth
        if bluetooth.adapters.isEmpty { return [.ok("bluetooth", "no Bluetooth adapter is there")] }
        let adapters = bluetooth.adapters.joined(separator: ", ")
        guard bluetooth.hasBus else {
            return [.warn("bluetooth", "\(adapters) needs the system's D-Bus, which does not answer", "sudo systemctl start dbus")]
        }
        guard bluetooth.hasDaemon else {
            return [.warn("bluetooth", "\(adapters) is there, and bluetoothd does not run", "sudo systemctl enable --now bluetooth")]
        }
        return [.ok("bluetooth", "\(adapters) is there, and bluetoothd runs")]
    }
}
