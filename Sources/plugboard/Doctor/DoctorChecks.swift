// Says of the facts what they mean to apps, and the one line that mends what is not as it should be.
// Must not look anything up: facts in, findings out.

import Host

/// The checks, in the order in which they are told.
enum DoctorChecks {
    static func findings(_ facts: DoctorFacts) -> [Finding] {
        configuration(facts) + places(facts) + localhost(facts) + upstreams(facts) + devices(facts) + certificate(facts) + admin(facts)
            + state(facts) + limits(facts) + clock(facts) + serial(facts) + bluetooth(facts)
    }

    static func configuration(_ facts: DoctorFacts) -> [Finding] {
        switch facts.configuration {
        case .none(let searched):
            [.ok("configuration", "no file at \(searched.joined(separator: " or ")); the defaults are in force")]
        case .loaded(let file): [.ok("configuration", "\(file) is good")]
        case .refused(let problems):
            problems.map {
                .fail("configuration", $0, "mend it, and ask `plugboard check`; what follows is about the defaults")
            }
        }
    }

    /// The addresses of one state and one port together: those of `localhost` are one listener.
    static func places(_ facts: DoctorFacts) -> [Finding] {
        var groups: [[DoctorFacts.Place]] = []
        for place in facts.places {
            let index = groups.firstIndex { $0[0].state == place.state && $0[0].port == place.port && $0[0].isForApps == place.isForApps }
            if let index, place.port != nil { groups[index].append(place) } else { groups.append([place]) }
        }
        let advised = addressForApps(facts)
        return groups.map { finding($0, advised: $0.contains { $0.address == advised } ? advised : nil) }
    }

    /// The one address to give to apps: where a router runs, else the first where one could.
    private static func addressForApps(_ facts: DoctorFacts) -> String? {
        let open = facts.places.filter { $0.isForApps && $0.port != 0 }
        let running = open.first { if case .taken(_, isRouter: true) = $0.state { true } else { false } }
        return (running ?? open.first { $0.state == .free })?.address
    }

    private static func finding(_ places: [DoctorFacts.Place], advised: String?) -> Finding {
        let place = places[0]
        let all = places.map(\.address).joined(separator: " and ")
        let are = places.count > 1 ? "are" : "is"
        let toApps = advised.map { "; give apps \($0)" } ?? ""
        switch place.state {
        case .free: return .ok("port", "\(all) \(are) free\(toApps)")
        case .taken(let holder, isRouter: true):
            return .ok("port", "\(all) \(are) Plugboard's: \(holder.map { "\($0)" } ?? "a router") runs there\(toApps)")
        case .taken(let holder, isRouter: false):
            let text = "\(all) \(are) taken by \(holder.map { "\($0)" } ?? "another program")"
            guard let port = place.port else { return .fail("port", text, "stop that program, or name another path with --listen") }
            return .fail("port", text, StartHints.freeing(port, .program(holder)))
        case .impossible(let reason):
            return .fail("port", "\(all): \(reason)", "name an address of this computer, like --listen ws://localhost:12345")
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

    static func devices(_ facts: DoctorFacts) -> [Finding] {
        let found = facts.devices
        if found.devices == 0, found.upstreams == 0, found.ways == 0 {
            let text = found.isRunning ? "the router has no device and no upstream" : "no device is configured, and no upstream"
            return [.warn("devices", "\(text): apps find nothing to drive", StartHints.noDevices)]
        }
        var parts: [String] = []
        if found.devices > 0 || found.isRunning { parts.append(counted(found.devices, found.isRunning ? "device" : "simulated device")) }
        if found.upstreams > 0 { parts.append(counted(found.upstreams, "upstream")) }
        if found.ways > 0 { parts.append(counted(found.ways, "way") + " to hardware") }
        return [.ok("devices", (found.isRunning ? "the router has " : "configured: ") + parts.joined(separator: " and "))]
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
    static func certificate(_ facts: DoctorFacts) -> [Finding] { ownCertificate(facts) + clientAuthorities(facts) }

    private static func clientAuthorities(_ facts: DoctorFacts) -> [Finding] {
        guard let (file, days) = facts.clientAuthorities, days < CertificateKeeper.warningDays else { return [] }
        return [
            .warn(
                "client_ca", days < 0 ? "an authority in \(file) has expired" : "an authority in \(file) ends in \(days) days",
                "put its successor into the file and take it out, then plugboard reload")
        ]
    }

    private static func ownCertificate(_ facts: DoctorFacts) -> [Finding] {
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
            return [.ok("limits", "the descriptor limit has room for \(counted(facts.sessions, "session"))")]
        }
        return [
            .warn(
                "limits",
                "room for \(counted(facts.sessions, "session")) takes \(needed) descriptors, and \(facts.descriptors) are allowed",
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
}
