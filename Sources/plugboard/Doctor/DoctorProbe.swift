// Gathers the facts for `plugboard doctor` from this computer. It waits for upstreams, for a second each.
// Must not change anything: no file or folder is made, nothing listens; and must not say what is good.

import DBus
import Host
import JSON
import Platform
import TLS
import UV
import UVHost

/// Looks around.
struct DoctorProbe {
    var environment: [String: String]
    /// Which router is meant when the configuration is not to say.
    var named: AdminClient?

    /// What is the case, with the settings that `serve` would have.
    func facts(_ load: () throws(ConfigurationRefused) -> LoadedSettings) -> DoctorFacts {
        var facts = DoctorFacts()
        var settings = Settings()
        do throws(ConfigurationRefused) {
            let loaded = try load()
            settings = loaded.settings
            facts.configuration = loaded.file.map { .loaded($0) } ?? .none(loaded.searched)
        } catch { facts.configuration = .refused(error.problems.map(\.description)) }

        facts.devices = .init(devices: settings.deviceSpecs.reduce(0) { $0 + $1.count }, upstreams: settings.upstreams.count)
        let hardware = settings.server.hardware
        facts.devices.ways = hardware.serial.count + hardware.expectedSockets.count + (hardware.bluetooth == .off ? 0 : 1)
        let (running, devices) = askRouter(settings, &facts)
        for address in settings.listen.compactMap({ try? Endpoint($0, for: .listening) }) { facts.places += places(address, running) }
        for address in settings.server.deviceHosts { facts.places += places(address, running, isForApps: false) }
        if !settings.server.hardware.expectedSockets.isEmpty, let address = settings.socketEndpoint {
            facts.places += places(address, running, isForApps: false)
        }
        // Another router of this computer, on other ports, says nothing about this configuration.
        if let devices, named != nil || facts.places.contains(where: { running.contains($0.address) }) { facts.devices = devices }
        // Apps that look for a server on this computer do so without TLS.
        for case .webSocket(let host, _, _, false)? in settings.listen.map({ try? Endpoint($0, for: .listening) }) {
            facts.hosts.formUnion(host == "localhost" ? ["127.0.0.1", "::1"] : [host])
        }
        facts.localhost = SystemProbes.addresses(of: "localhost")
        facts.upstreams = settings.server.upstreams.map { .init(address: "\($0)", trouble: Self.trouble(dialling: $0)) }
        (facts.certificate, facts.clientAuthorities) = Self.certificate(settings)
        facts.state = state(settings)
        facts.serial = HardwareProbe.serial(settings.server.hardware.serial.map(\.path))
        facts.bluetooth = HardwareProbe.bluetooth(settings.server.hardware.bluetooth, busAt: DBusNames.systemBus(environment))
        facts.year = SystemProbes.year
        facts.isClockSynchronised = Self.isClockSynchronised
        facts.descriptors = DescriptorLimit.ceiling
        facts.sessions = settings.router.limits.sessions
        return facts
    }

    // MARK: The router

    /// Asks the router that may run; returns where it listens, and what it has to drive.
    private func askRouter(_ settings: Settings, _ facts: inout DoctorFacts) -> (Set<String>, DoctorFacts.Devices?) {
        let client = named ?? AdminClient(addresses: configured(settings))
        do throws(AdminTrouble) {
            let reply = try client.request("GET", "/v1/status")
            let tree = reply.json
            guard let version = tree?["version"]?.string else { throw .brokenOff(reply.address.text) }
            facts.admin = .answers(at: reply.address.text, version: version)
            let upstreams = try AdminClient(addresses: [reply.address]).request("GET", "/v1/upstreams").json
            let devices = DoctorFacts.Devices(
                devices: tree?["devices"]?.integer(Int.self) ?? 0, upstreams: upstreams?["upstreams"]?.elements.count ?? 0, isRunning: true)
            return (Set(tree?["listeners"]?.elements.compactMap(\.string) ?? []), devices)
        } catch {
            if case .notThere(let addresses) = error { facts.admin = .nobody(addresses) } else { facts.admin = .refused(error.words) }
            return ([], nil)
        }
    }

    /// Where the configuration puts the admin interface, and where a service has it.
    private func configured(_ settings: Settings) -> [AdminClient.Address] {
        var all: [AdminClient.Address] = settings.adminListen.compactMap { text in
            switch AdminAddress(text) {
            case .usualSocket?: AdminAddress.usualPath(environment).map { .socket($0) }
            case .unix(let path)?: .socket(path)
            case .http(let host, let port)?: .http(host: host, port: port)
            // The commands know no TLS.
            case .https?, nil: nil
            }
        }
        guard settings.adminListen == AdminAddress.standard else { return all }
        for address in AdminClient.usual(environment).addresses where !all.contains(address) { all.append(address) }
        return all
    }

    // MARK: Where to listen

    /// The addresses of one listener.
    private func places(_ address: Endpoint, _ running: Set<String>, isForApps: Bool = true) -> [DoctorFacts.Place] {
        address.targets.compactMap { target in
            var found = place(target, isPart: address.targets.count > 1, running)
            found?.isForApps = isForApps
            return found
        }
    }

    /// - Parameters:
    ///   - isPart: It is one of the two addresses of `localhost`: where there is no such kind of address, the other is enough.
    ///   - running: Where the running router listens.
    private func place(_ address: Endpoint, isPart: Bool, _ running: Set<String>) -> DoctorFacts.Place? {
        switch address {
        case .webSocket(_, 0, _, _): return .init(address: "\(address)", port: 0, state: .free)
        case .webSocket(let host, let port, _, _):
            guard let error = SystemProbes.obstacle(toListeningOn: host, port: port) else {
                return .init(address: "\(address)", port: port, state: .free)
            }
            if isPart, error.isFamilyMissing || error.isAddressNotAvailable { return nil }
            guard error.isAddressInUse else { return .init(address: "\(address)", port: port, state: .impossible(error.sentence)) }
            let holder = PortHolder.find(port)
            let isRouter = running.contains("\(address)") || holder?.isPlugboard == true
            return .init(address: "\(address)", port: port, state: .taken(by: holder, isRouter: isRouter))
        case .unix(let path):
            guard (try? LocalSocket(path: path, seconds: 1)) == nil else {
                return .init(address: "\(address)", port: nil, state: .taken(by: nil, isRouter: running.contains("\(address)")))
            }
            let folder = FileTree.folder(of: path)
            let isPossible = FileTree.isWritable(folder.isEmpty ? "/" : folder)
            return .init(address: "\(address)", port: nil, state: isPossible ? .free : .impossible("\(folder) cannot be written to"))
        }
    }

    // MARK: Others

    private static func trouble(dialling endpoint: Endpoint) -> String? {
        do throws(UVError) {
            switch endpoint {
            case .webSocket(let host, let port, _, _): _ = try LocalSocket(host: host, port: port, seconds: 1)
            case .unix(let path): _ = try LocalSocket(path: path, seconds: 1)
            }
            return nil
        } catch { return error.call == "getaddrinfo" ? "its name has no address" : error.sentence }
    }

    private static func certificate(_ settings: Settings) -> (DoctorFacts.Certificate, clients: (file: String, days: Int64)?) {
        guard let files = settings.tls.files else { return (.none, nil) }
        let now = WallClock.milliseconds / 1_000
        do throws(TLSProblem) {
            let context = try TLSContext.server(files, now: now)
            let clients = context.clientAuthoritiesExpire.map { (files.clientAuthorities ?? "", ($0 - now) / 86_400) }
            return (.good(files.certificate, days: ((context.expires ?? now) - now) / 86_400), clients)
        } catch { return (.bad(error.description), nil) }
    }

    private func state(_ settings: Settings) -> DoctorFacts.State {
        guard let path = settings.stateFile ?? ConfigurationFiles.stateFile(environment) else { return .homeless }
        if path.isEmpty { return .unwanted }
        let file = StateFile(path: path)
        do throws(StateFile.Unreadable) { _ = try file.read() } catch { return .file(path, trouble: error.reason) }
        return .file(path, trouble: file.obstacle)
    }

    /// As systemd-timesyncd tells; other services tell nobody who may not ask the bus.
    private static var isClockSynchronised: Bool? {
        if FileTree.isAbsent("/run/systemd/timesync") { return nil }
        return !FileTree.isAbsent("/run/systemd/timesync/synchronized")
    }
}
