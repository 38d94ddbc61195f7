// Reads the list of simulated devices that people write: `rabbit,stroker*3,plug`.
// Must not know where the text was written, only what is wrong with it and what was probably meant.

/// What is wrong with a list of simulated devices.
public enum SimulatedListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing is between two commas. Entries are counted from 1.
    case emptyEntry(position: Int, in: String)
    case unknownArchetype(String, nearest: String?)
    /// What follows `*` is no whole number of at least 1.
    case badCount(String, archetype: String)
    case tooManyDevices(limit: Int)

    public var description: String {
        switch self {
        case .emptyEntry(let position, let text):
            return "entry \(position) of \"\(text)\" is empty: write archetypes between single commas, like rabbit,stroker*3"
        case .unknownArchetype(let name, let nearest):
            let known = Archetype.all.map(\.key).joined(separator: ", ")
            let guess = nearest.map { "did you mean \"\($0)\"? " } ?? ""
            return "no simulated device is called \"\(name)\": \(guess)There are \(known)"
        case .badCount(let count, let archetype):
            return
                "\"\(count)\" is no count of devices in \"\(archetype)*\(count)\": write a whole number of at least 1, like \(archetype)*3"
        case .tooManyDevices(let limit):
            return "the list asks for more than \(limit) devices: write smaller counts"
        }
    }
}

/// Reads one list.
struct SimulatedListReader {
    let text: String

    func read() throws(SimulatedListError) -> [SimulatedDeviceSpec] {
        if trimmed(text[...]).isEmpty { return [] }
        var specs: [SimulatedDeviceSpec] = []
        var devices = 0
        for (position, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let entry = trimmed(part)
            if entry.isEmpty { throw .emptyEntry(position: position + 1, in: text) }
            let spec = try read(entry)
            devices += spec.count
            if devices > SimulatedDeviceSpec.devicesMax { throw .tooManyDevices(limit: SimulatedDeviceSpec.devicesMax) }
            specs.append(spec)
        }
        return specs
    }

    private func read(_ entry: Substring) throws(SimulatedListError) -> SimulatedDeviceSpec {
        guard let star = entry.firstIndex(of: "*") else { return SimulatedDeviceSpec(try archetype(entry)) }
        let name = trimmed(entry[..<star])
        let number = trimmed(entry[entry.index(after: star)...])
        let archetype = try archetype(name)
        guard number.utf8.allSatisfy({ (48...57).contains($0) }), !number.isEmpty else {
            throw .badCount(String(number), archetype: String(name))
        }
        guard let count = Int(number), count <= SimulatedDeviceSpec.devicesMax else {
            throw .tooManyDevices(limit: SimulatedDeviceSpec.devicesMax)
        }
        if count == 0 { throw .badCount(String(number), archetype: String(name)) }
        return SimulatedDeviceSpec(archetype, count: count)
    }

    private func archetype(_ name: Substring) throws(SimulatedListError) -> Archetype {
        if let archetype = Archetype.named(name) { return archetype }
        throw .unknownArchetype(String(name), nearest: Self.nearest(to: name.lowercased()))
    }

    private func trimmed(_ text: Substring) -> Substring {
        var rest = text
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }

    /// The key or alias that was probably meant: the fewest changed letters, at most a third of them but always two.
    static func nearest(to name: String) -> String? {
        var best: String?
        var fewest = max(2, name.count / 3) + 1
        for archetype in Archetype.all {
            for key in [archetype.key] + archetype.aliases {
                let changes = distance(Array(name.utf8), Array(key.utf8))
                if changes < fewest { (fewest, best) = (changes, key) }
            }
        }
        return best
    }

    /// Letters to insert, drop or change to get from one to the other (Levenshtein).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let change = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
