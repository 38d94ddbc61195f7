// All keys of the configuration: sections of single keys, and lists whose elements have keys of their own.
// Must not know where values come from. Parsing, `plugboard config`, the reference and the tests all read this.

import Router

/// `[name]` and its keys.
struct SettingSection: Sendable {
    let name: String
    let meaning: String
    let keys: [SettingKey<Settings>]
}

/// What the elements of a list are made of.
struct SettingElement<Element: Sendable>: Sendable {
    /// An element before its keys are read.
    var new: @Sendable () -> Element
    /// Keys that every element must have.
    var required: [String] = []
    var keys: [SettingKey<Element>]
}

/// `[[name]]`: a list whose elements are tables.
struct SettingList: Sendable {
    let name: String
    let meaning: String
    /// A running router keeps the list it started with.
    let isFixed: Bool
    /// An element's keys in its own terms, for the reference.
    let rows: [Row]
    /// Reads the elements of a document into the settings and says what is wrong with them.
    let load: @Sendable (_ elements: [[ConfigurationDocument.Entry]], _ path: String, inout Settings) -> [SettingProblem]
    /// The keys that are set, per element.
    let values: @Sendable (Settings) -> [[(name: String, value: SettingValue)]]

    struct Row: Sendable {
        var name: String
        var kind: SettingKind
        var meaning: String
        var example: String?
        /// What an element has that does not set the key.
        var standard: SettingValue?
    }

    init<Element: Sendable>(
        _ name: String, _ keyPath: any WritableKeyPath<Settings, [Element]> & Sendable, of kind: SettingElement<Element>,
        isFixed: Bool = false, _ meaning: String
    ) {
        let (new, required, keys) = (kind.new, kind.required, kind.keys)
        self.name = name
        self.isFixed = isFixed
        self.meaning = meaning
        rows = keys.map { Row(name: $0.name, kind: $0.kind, meaning: $0.meaning, example: $0.example, standard: $0.read(new())) }
        load = { elements, path, settings in
            var problems: [SettingProblem] = []
            settings[keyPath: keyPath] = elements.enumerated().map { number, entries in
                var element = new()
                for entry in entries {
                    problems += SettingProblem.collect(entry, in: keys, section: "[\(name)]") { (key, value) throws(Refusal) in
                        try key.set(value, in: &element)
                    }
                }
                for key in required where !entries.contains(where: { $0.key == key }) {
                    problems.append(
                        SettingProblem(path: "\(path)[\(number)]", at: .key, reason: "[[\(name)]] needs the key \(quoted(key))"))
                }
                return element
            }
            return problems
        }
        values = { settings in
            settings[keyPath: keyPath].map { element in
                keys.compactMap { key in
                    guard let value = key.read(element), value != key.read(new()) else { return nil }
                    return (key.name, value)
                }
            }
        }
    }
}

/// What is wrong with one entry of a document.
struct SettingProblem: Hashable, Sendable {
    enum Part: Hashable, Sendable { case key, value, element(Int) }
    /// The entry's path in the document.
    var path: String
    /// Which part of the entry.
    var at: Part
    var reason: String

    /// Finds an entry's key, checks its value and hands both on.
    static func collect<Target>(
        _ entry: ConfigurationDocument.Entry, in keys: [SettingKey<Target>], section: String,
        set: (SettingKey<Target>, SettingValue) throws(Refusal) -> Void
    ) -> [SettingProblem] {
        guard let key = keys.first(where: { $0.name == entry.key }) else {
            let reason = SettingTable.unknown(entry.key, among: keys.map(\.name), in: section)
            return [SettingProblem(path: entry.path, at: .key, reason: reason)]
        }
        guard case .value(let raw) = entry.node else {
            return [SettingProblem(path: entry.path, at: .key, reason: "\(quoted(key.name)) must be \(key.kind.description), not tables")]
        }
        do throws(Refusal) {
            try set(key, key.kind.value(of: raw))
            return []
        } catch {
            let part = error.element.map { Part.element($0) } ?? .value
            return [SettingProblem(path: entry.path, at: part, reason: "\(quoted(key.name)) \(error.reason)")]
        }
    }
}

/// The table.
enum SettingTable {
    static let sections: [SettingSection] = [server, tls, devices, HardwareKeys.hardware, arbitration, limits, admin, log]
    static let lists: [SettingList] = [
        simulatedDevice, HardwareKeys.serialPort, HardwareKeys.socketDevice, HardwareKeys.device,
        HardwareKeys.output, lane, listener, upstream, rule, token,
    ]

    /// The key with this dotted name ("server.listen").
    static func key(_ path: String) -> SettingKey<Settings>? {
        for section in sections {
            for key in section.keys where section.name + "." + key.name == path { return key }
        }
        return nil
    }

    /// The dotted names of what differs and yet stays as it was until a restart.
    static func changesForRestart(from old: Settings, to new: Settings) -> [String] {
        var names: [String] = []
        for section in sections {
            for key in section.keys where key.isFixed && key.read(old) != key.read(new) { names.append(section.name + "." + key.name) }
        }
        for list in lists where list.isFixed {
            let (before, after) = (list.values(old), list.values(new))
            let isEqual = before.elementsEqual(after) { $0.elementsEqual($1) { $0 == $1 } }
            if !isEqual { names.append(list.name) }
        }
        return names
    }

    /// "unknown section …", with the nearest one there is, or where a key without a section belongs.
    static func unknown(_ name: String, sections names: [String]) -> String {
        // A name in quotation marks has dots of its own.
        let first = name.hasPrefix("\"") ? name : String(name.prefix { $0 != "." })
        if first == name, let home = sections.first(where: { section in section.keys.contains { $0.name == name } }) {
            return "unknown key \(quoted(name)) outside of any section; nearest known key: \(quoted(name)) in [\(home.name)]"
        }
        return "unknown section \(quoted(first)); nearest known section: \(quoted(nearest(to: first, in: names) ?? ""))"
    }

    /// "unknown key …", with the nearest one there is.
    static func unknown(_ name: String, among names: [String], in section: String) -> String {
        let elsewhere = sections.first { section in section.keys.contains { $0.name == name } }
        let guess = elsewhere.map { "\(quoted(name)) in [\($0.name)]" } ?? nearest(to: name, in: names).map(quoted) ?? "none"
        return "unknown key \(quoted(name)) in \(section); nearest known key: \(guess)"
    }
}
