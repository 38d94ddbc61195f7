// A request as its answerer sees it (RFC 9110, RFC 9112).
// Must not know connections or paths.

/// A whole HTTP request.
public struct HTTPRequest: Hashable, Sendable {
    public var method: String
    /// The path as it was sent, without the query.
    public var path: String
    /// Names and values of the query, percent-decoded, in their order.
    public var query: [Parameter] = []
    /// Header lines, names in lower case, in their order.
    public var fields: [Field] = []
    public var body: [UInt8] = []
    /// Whether the connection goes on after the answer.
    public var keepsAlive = true

    public struct Parameter: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(_ method: String, _ path: String) {
        self.method = method
        self.path = path
    }

    /// The value of a header, if it is there once.
    public func field(_ name: String) -> String? {
        let found = fields.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    /// The value of a query parameter: the first of its name.
    public func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The segments of the path, percent-decoded; nil when one is not valid.
    public var segments: [String]? {
        var all: [String] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = PercentCoding.decoded(segment, plusIsSpace: false) else { return nil }
            all.append(text)
        }
        return all
    }

    /// Splits a request target into path and query; nil when it is neither a path nor an absolute URI of one.
    mutating func setTarget(_ target: String) -> Bool {
        var rest = target[...]
        if !rest.hasPrefix("/") {
            guard let scheme = rest.range(of: "://") else { return false }
            rest = rest[scheme.upperBound...].drop { $0 != "/" }
            if rest.isEmpty { rest = "/" }
        }
        let path = rest.prefix { $0 != "?" && $0 != "#" }
        self.path = String(path)
        let tail = rest.dropFirst(path.count)
        guard tail.first == "?" else { return true }
        for pair in tail.dropFirst().prefix(while: { $0 != "#" }).split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard let key = PercentCoding.decoded(name, plusIsSpace: true),
                let value = PercentCoding.decoded(pair.dropFirst(name.count + 1), plusIsSpace: true)
            else { return false }
            query.append(Parameter(name: key, value: value))
        }
        return true
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
            at = index(after: at)
        }
        return nil
    }
}

/// Percent-encoding (RFC 3986 §2.1).
enum PercentCoding {
    /// nil when a `%` is not followed by two hexadecimal digits, or the result is not UTF-8.
    static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x25:
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            case 0x2B where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
