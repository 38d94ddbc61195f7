// A sequence of bytes that a device must get, read from a line of JSON.

import Buttplug
import JSON

@testable import Hardware

struct VectorCase {
    enum Item {
        case expect([Deed])
        case device([(kind: String, endpoint: DeviceEndpoint, bytes: [UInt8])])
        case ask([Wish])
    }

    struct Wish {
        var verb: String
        var index = 0
        var fraction = 0.0
        var milliseconds: UInt32 = 0
    }

    var name: String
    var devices: [(name: String, model: String)]
    /// Whether a file of a user belongs to it.
    var needsUserFile: Bool
    var opening: [Item]
    var steps: [(at: Int, item: Item)]

    /// Nil when the line is no case.
    init?(_ line: some Sequence<UInt8>) {
        guard let tree = JSONTree(line), let name = tree["case"]?.string else { return nil }
        self.name = name
        devices = (tree["devices"]?.elements ?? []).map { ($0["name"]?.string ?? "", $0["model"]?.string ?? "") }
        needsUserFile = tree["user_file"] != nil
        opening = (tree["init"]?.elements ?? []).compactMap(Self.item)
        steps = (tree["steps"]?.elements ?? []).compactMap { step in
            Self.item(step).map { (step["at"]?.integer(Int.self) ?? 0, $0) }
        }
    }

    private static func item(_ tree: JSONTree) -> Item? {
        if let list = tree["expect"] { return .expect(list.elements.compactMap(deed)) }
        if let list = tree["device"] {
            return .device(
                list.elements.compactMap { entry in
                    let parts = entry.elements
                    guard parts.count > 2, let endpoint = parts[1].string.flatMap({ DeviceEndpoint(named: $0) }) else { return nil }
                    return (parts[0].string ?? "", endpoint, bytes(parts[2].string ?? ""))
                })
        }
        return tree["ask"].map { .ask($0.elements.compactMap(wish)) }
    }

    private static func deed(_ tree: JSONTree) -> Deed? {
        let parts = tree.elements
        guard parts.count > 1, let endpoint = parts[1].string else { return nil }
        switch parts[0].string {
        case "subscribe": return .subscribe(endpoint)
        case "unsubscribe": return .unsubscribe(endpoint)
        default: return parts.count > 3 ? .write(endpoint, parts[2].string ?? "", confirmed: parts[3] == .bool(true)) : nil
        }
    }

    private static func wish(_ tree: JSONTree) -> Wish? {
        let parts = tree.elements
        guard let verb = parts.first?.string else { return nil }
        var wish = Wish(verb: verb)
        if parts.count > 1 { wish.index = parts[1].integer() ?? 0 }
        if parts.count > 2 { wish.fraction = parts[2].number ?? 0 }
        if parts.count > 3 { wish.milliseconds = parts[3].integer() ?? 0 }
        return wish
    }

    static func bytes(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
