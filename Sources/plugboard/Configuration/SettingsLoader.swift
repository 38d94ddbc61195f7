// Puts the settings together: default, file, environment, flag, the later over the earlier, each value with its origin.
// Must not know a key by name, apart from what several of them only say together.

import Guard
import Host
import UVHost

/// Where a value comes from.
enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    case standard
    case file(String, SourcePosition)
    case environment(String)
    case flag(String)

    /// As a refusal begins: "FILE:LINE:COLUMN", "environment PLUGBOARD_…", "flag --…".
    var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let position): "\(path):\(position.line):\(position.column)"
        case .environment(let name): "environment \(name)"
        case .flag(let name): "flag \(name)"
        }
    }
}

/// Why there is no configuration. Every problem is one line.
struct ConfigurationRefused: Error, Sendable {
    struct Problem: Hashable, Sendable, CustomStringConvertible {
        var origin: SettingOrigin
        var reason: String
        var description: String { "\(origin): \(reason)" }
    }
    var problems: [Problem]
    /// sysexits: 78 for a bad configuration, 77 when a file may not be read, 64 for a bad flag.
    var exitCode: ExitStatus = .configuration
}

/// A flag that was given, and the key it sets.
struct FlagValue: Hashable, Sendable {
    var flag: String
    var key: String
    var text: String

    /// For lists: the flag's occurrences, taken as they are.
    var texts: [String]?
}

/// Settings and where each came from.
struct LoadedSettings: Sendable {
    var settings = Settings()
    /// By dotted key; keys that are not in here have their default.
    var origins: [String: SettingOrigin] = [:]
    /// The file that was read.
    var file: String?
    /// Where a file would have been read from, the first that is there.
    var searched: [String] = []
    /// The tokens of the configuration, once their files have been read.
    var tokens: [Token] = []
    /// The certificate that they name, once it has been read.
    var tls: TLSContext?
    /// The token of the admin interface, once its file has been read.
    var adminToken: TokenDigest?
}

/// Puts the settings together.
struct SettingsLoader {
    var environment: [String: String]
    var files = ConfigurationFiles()

    /// Loads everything. `path` is the operator's file; without it the usual paths are tried, and none needs to exist.
    func load(file path: String?, flags: [FlagValue] = []) throws(ConfigurationRefused) -> LoadedSettings {
        var loaded = LoadedSettings()
        var problems: [ConfigurationRefused.Problem] = []
        loaded.file = path ?? files.find(environment)
        loaded.searched = files.usual(environment)
        if let file = loaded.file { problems += apply(text: try files.read(file), from: file, to: &loaded) }
        problems += applyEnvironment(to: &loaded)
        let badFlags = apply(flags, to: &loaded)
        if problems.isEmpty, !badFlags.isEmpty { throw ConfigurationRefused(problems: badFlags, exitCode: .usage) }
        problems += badFlags
        if problems.isEmpty { problems = together(loaded) }
        if !problems.isEmpty { throw ConfigurationRefused(problems: problems) }
        return loaded
    }

    // MARK: File

    /// Reads one text into the settings; returns what is wrong with it.
    func apply(text: String, from file: String, to loaded: inout LoadedSettings) -> [ConfigurationRefused.Problem] {
        let document: ConfigurationDocument
        do throws(ConfigurationDocument.SyntaxProblem) { document = try ConfigurationDocument(text) } catch {
            return [.init(origin: .file(file, error.position), reason: error.reason)]
        }
        var problems: [SettingProblem] = []
        for entry in document.entries {
            // One section that does not exist is one problem, however many keys it has.
            for problem in apply(entry, of: document, from: file, to: &loaded) where !problems.contains(problem) {
                problems.append(problem)
            }
        }
        return problems.map { problem in
            let position =
                switch problem.at {
                case .key: document.keyPosition(problem.path)
                case .value: document.valuePosition(problem.path)
                case .element(let index): document.valuePosition(problem.path, element: index)
                }
            return .init(origin: .file(file, position), reason: problem.reason)
        }
    }

    private func apply(
        _ entry: ConfigurationDocument.Entry, of document: ConfigurationDocument, from file: String, to loaded: inout LoadedSettings
    ) -> [SettingProblem] {
        if let list = SettingTable.lists.first(where: { $0.name == entry.key }) {
            if case .value(.list([])) = entry.node { return [] }
            guard case .tables(let elements) = entry.node else {
                return [
                    SettingProblem(path: entry.path, at: .key, reason: "\(quoted(list.name)) is a list of tables: write [[\(list.name)]]")
                ]
            }
            loaded.origins[list.name] = .file(file, document.keyPosition(entry.path))
            return list.load(elements, entry.path, &loaded.settings)
        }
        if let list = SettingTable.lists.first(where: { entry.key.hasPrefix($0.name + ".") }) {
            let reason = "\(quoted(list.name)) is a list of tables: write [[\(list.name)]], not [\(list.name)]"
            return [SettingProblem(path: list.name, at: .key, reason: reason)]
        }
        let (sectionName, keyName) = Self.split(entry.key)
        guard let section = SettingTable.sections.first(where: { $0.name == sectionName }) else {
            let names = SettingTable.sections.map(\.name) + SettingTable.lists.map(\.name)
            return [SettingProblem(path: sectionName, at: .key, reason: SettingTable.unknown(entry.key, sections: names))]
        }
        if keyName.isEmpty {
            // An empty [section] says nothing and is fine; anything else instead of it is not.
            if case .value(.table) = entry.node { return [] }
            return [SettingProblem(path: entry.path, at: .key, reason: "\(quoted(sectionName)) is a table: write [\(sectionName)]")]
        }
        var relative = entry
        relative.key = keyName
        return SettingProblem.collect(relative, in: section.keys, section: "[\(sectionName)]") { (key, value) throws(Refusal) in
            try key.set(value, in: &loaded.settings)
            loaded.origins[entry.key] = .file(file, document.keyPosition(entry.path))
        }
    }

    private static func split(_ key: String) -> (section: String, key: String) {
        guard let dot = key.firstIndex(of: ".") else { return (key, "") }
        return (String(key[..<dot]), String(key[key.index(after: dot)...]))
    }

    // MARK: Environment and flags

    private func applyEnvironment(to loaded: inout LoadedSettings) -> [ConfigurationRefused.Problem] {
        var problems: [ConfigurationRefused.Problem] = []
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.environmentPrefix) {
            guard let section = SettingTable.sections.first(where: { name.hasPrefix(Self.environmentName($0.name + ".")) }) else {
                continue
            }
            let origin = SettingOrigin.environment(name)
            let key = section.keys.first { Self.environmentName(section.name + "." + $0.name) == name }
            guard let key else {
                let names = section.keys.map { Self.environmentName(section.name + "." + $0.name) }
                problems.append(.init(origin: origin, reason: "unknown variable; nearest known: \(nearest(to: name, in: names) ?? "none")"))
                continue
            }
            do throws(Refusal) {
                try key.set(key.kind.value(ofText: text), in: &loaded.settings)
                loaded.origins[section.name + "." + key.name] = origin
            } catch {
                problems.append(.init(origin: origin, reason: error.reason))
            }
        }
        return problems
    }

    private func apply(_ flags: [FlagValue], to loaded: inout LoadedSettings) -> [ConfigurationRefused.Problem] {
        var problems: [ConfigurationRefused.Problem] = []
        for flag in flags {
            if let list = SettingTable.lists.first(where: { flag.key.hasPrefix($0.name + ".") }) {
                problems += apply(flag, to: list, &loaded)
                continue
            }
            guard let key = SettingTable.key(flag.key) else { preconditionFailure("no key \(flag.key)") }
            do throws(Refusal) {
                let value =
                    if let texts = flag.texts { try key.kind.value(of: .list(texts.map { .text($0) })) } else {
                        try key.kind.value(ofText: flag.text)
                    }
                try key.set(value, in: &loaded.settings)
                loaded.origins[flag.key] = .flag(flag.flag)
            } catch {
                problems.append(.init(origin: .flag(flag.flag), reason: error.reason))
            }
        }
        return problems
    }

    static let environmentPrefix = "PLUGBOARD_"

    /// "server.max_ping_time" → "PLUGBOARD_SERVER_MAX_PING_TIME".
    static func environmentName(_ key: String) -> String {
        environmentPrefix + String(key.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// A flag that makes a list: each occurrence is an element with this one key.
    private func apply(_ flag: FlagValue, to list: SettingList, _ loaded: inout LoadedSettings) -> [ConfigurationRefused.Problem] {
        let key = String(flag.key.dropFirst(list.name.count + 1))
        let elements = (flag.texts ?? []).map { [ConfigurationDocument.Entry(key: key, node: .value(.text($0)), path: flag.key)] }
        loaded.origins[list.name] = .flag(flag.flag)
        return list.load(elements, list.name, &loaded.settings).map { .init(origin: .flag(flag.flag), reason: $0.reason) }
    }

    // MARK: What several keys say together

    private func together(_ loaded: LoadedSettings) -> [ConfigurationRefused.Problem] {
        let settings = loaded.settings
        func problem(_ key: String, _ reason: String) -> ConfigurationRefused.Problem {
            .init(origin: loaded.origins[key] ?? .standard, reason: reason)
        }
        var problems: [ConfigurationRefused.Problem] = []
        if settings.listen.isEmpty {
            problems.append(problem("server.listen", "\"listen\" names nothing to listen on"))
        }
        let listen = settings.clientListeners.compactMap(\.endpoint)
        func key(_ index: Int) -> String { index < settings.listen.count ? "server.listen" : "listener" }
        for (index, address) in listen.enumerated() {
            if let reason = SettingTable.refusal(ofOpen: address, settings) { problems.append(problem(key(index), reason)) }
        }
        for (index, address) in listen.enumerated() {
            guard let earlier = listen[..<index].first(where: { $0.collides(with: address) }) else { continue }
            let spelling = earlier == address ? "" : ": \(earlier) is there already"
            problems.append(problem(key(index), "\(address) is named twice\(spelling)"))
        }
        var upstreams: [Endpoint] = []
        for entry in settings.upstreams {
            guard let endpoint = entry.endpoint else { continue }
            if upstreams.contains(endpoint) { problems.append(problem("upstream", "\(endpoint) is named twice")) }
            upstreams.append(endpoint)
            guard entry.kind == .deviceHost else { continue }
            if let reason = SettingTable.refusal(ofDeviceHostAt: endpoint, settings) {
                problems.append(problem("upstream", reason))
            }
            if let taken = listen.first(where: { $0.collides(with: endpoint) }) {
                problems.append(problem("upstream", "\(endpoint) is named twice: apps connect to \(taken)"))
            }
        }
        problems += TLSTroubles.all(settings).map { problem($0.key, $0.reason) }
        problems += HardwareKeys.troubles(withPorts: settings.serialPorts).map { problem("hardware.serial", $0) }
        problems += HardwareKeys.troubles(withSockets: settings).map { problem("hardware.websocket", $0) }
        problems += HardwareKeys.troubles(withOutputs: settings.hardware.rules.outputs).map { problem("hardware.output", $0) }
        problems += SettingTable.troubles(withTokens: settings.tokens).map { problem("token", $0) }
        let devices = settings.deviceSpecs.reduce(0) { $0 + $1.count }
        if devices > settings.router.limits.devices {
            problems.append(
                problem("devices.simulated", "\(devices) simulated devices are more than limits.devices, \(settings.router.limits.devices)")
            )
        }
        return problems
    }
}
