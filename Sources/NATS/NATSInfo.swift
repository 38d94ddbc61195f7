// What a server says of itself (`INFO`): a flat scanner of that one object, which takes what we need and passes over the rest.
// Must not know what follows from it. Everything that is kept has a limit.

/// A server, as it describes itself at the beginning and when something changes.
public struct NATSInfo: Hashable, Sendable {
    public var serverName = ""
    public var version = ""
    /// Bytes of the largest message that it takes.
    public var maxPayload = 0
    /// Messages can have headers; without them it cannot say that nobody listens.
    public var hasHeaders = false
    public var requiresTLS = false
    public var offersTLS = false
    /// What is to be signed; empty: nothing.
    public var nonce = ""
    /// It will end soon; clients are asked to go to another server.
    public var isLameDuck = false
    /// Other servers of its cluster, "host:port", at most 64.
    public var otherServers: [String] = []

    public init() {}

    /// - Parameter bytes: The object.
    /// - Throws: `.badInfo` when it is not one, or when a value that we need is of another kind.
    public init(_ bytes: UnsafeRawBufferPointer) throws(NATSViolation) {
        var scanner = InfoScanner(bytes)
        try scanner.open(UInt8(ascii: "{"))
        if !scanner.close(UInt8(ascii: "}")) {
            repeat {
                let name = try scanner.text()
                try scanner.open(UInt8(ascii: ":"))
                try take(name, &scanner)
            } while try scanner.goesOn(until: UInt8(ascii: "}"))
        }
        guard scanner.isAtEnd else { throw .badInfo }
    }

    private mutating func take(_ name: String, _ scanner: inout InfoScanner) throws(NATSViolation) {
        switch name {
        case "server_name": serverName = try scanner.text()
        case "version": version = try scanner.text()
        case "max_payload": maxPayload = try scanner.number()
        case "headers": hasHeaders = try scanner.flag()
        case "tls_required": requiresTLS = try scanner.flag()
        case "tls_available": offersTLS = try scanner.flag()
        case "nonce": nonce = try scanner.text()
        case "ldm": isLameDuck = try scanner.flag()
        case "connect_urls":
            otherServers = []
            try scanner.open(UInt8(ascii: "["))
            if scanner.close(UInt8(ascii: "]")) { return }
            repeat {
                let server = try scanner.text()
                if otherServers.count < Self.otherServersMax { otherServers.append(server) }
            } while try scanner.goesOn(until: UInt8(ascii: "]"))
        default: try scanner.pass()
        }
    }

    static var otherServersMax: Int { 64 }
}

/// Goes over JSON once, from the front.
struct InfoScanner {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    /// Longer texts are cut off there: a name that long is none that we know.
    static var textMax: Int { 512 }
    private static var depthMax: Int { 16 }

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Passes over white space, and says what comes next; 0 at the end.
    private mutating func peek() -> UInt8 {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        return at < bytes.count ? bytes[at] : 0
    }

    var isAtEnd: Bool {
        mutating get {
            _ = peek()
            return at == bytes.count
        }
    }

    mutating func open(_ mark: UInt8) throws(NATSViolation) {
        guard peek() == mark else { throw .badInfo }
        at += 1
    }

    /// Whether this mark comes next; then it is passed over.
    mutating func close(_ mark: UInt8) -> Bool {
        guard peek() == mark else { return false }
        at += 1
        return true
    }

    /// After a value: true after a comma, false after `mark`.
    mutating func goesOn(until mark: UInt8) throws(NATSViolation) -> Bool {
        if close(mark) { return false }
        try open(UInt8(ascii: ","))
        return true
    }

    mutating func flag() throws(NATSViolation) -> Bool {
        let isTrue = peek() == UInt8(ascii: "t")
        try literal(isTrue ? "true" : "false")
        return isTrue
    }

    private mutating func literal(_ word: StaticString) throws(NATSViolation) {
        let count = word.utf8CodeUnitCount
        guard bytes.count - at >= count else { throw .badInfo }
        for place in 0..<count where bytes[at + place] != word.utf8Start[place] { throw .badInfo }
        at += count
    }

    /// A whole number from 0 to 999,999,999,999,999.
    mutating func number() throws(NATSViolation) -> Int {
        _ = peek()
        let start = at
        var value = 0
        while at < bytes.count, case let digit = bytes[at] &- 0x30, digit < 10, at - start < 15 {
            value = value * 10 + Int(digit)
            at += 1
        }
        let next = at < bytes.count ? bytes[at] : 0
        guard at > start, !Self.isInNumber(next) else { throw .badInfo }
        return value
    }

    private static func isInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }

    /// A string with its escapes resolved. What is not UTF-8 in it is replaced.
    mutating func text() throws(NATSViolation) -> String {
        try open(UInt8(ascii: "\""))
        var found: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: found.prefix(Self.textMax), as: UTF8.self)
            case 0..<0x20: throw .badInfo
            case UInt8(ascii: "\\"): try escape(&found)
            default: if found.count < Self.textMax { found.append(byte) }
            }
        }
        throw .badInfo
    }

    private mutating func escape(_ found: inout [UInt8]) throws(NATSViolation) {
        guard at < bytes.count else { throw .badInfo }
        let byte = bytes[at]
        at += 1
        let meant: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): meant = byte
        case UInt8(ascii: "b"): meant = 0x08
        case UInt8(ascii: "f"): meant = 0x0C
        case UInt8(ascii: "n"): meant = 0x0A
        case UInt8(ascii: "r"): meant = 0x0D
        case UInt8(ascii: "t"): meant = 0x09
        case UInt8(ascii: "u"):
            guard bytes.count - at >= 4 else { throw .badInfo }
            var value: UInt32 = 0
            for place in at..<(at + 4) {
                guard let digit = Self.hexDigit(bytes[place]) else { throw .badInfo }
                value = value << 4 | digit
            }
            at += 4
            // Half of a pair has no scalar; the servers' own texts have none of these.
            let scalar = UnicodeScalar(value) ?? "\u{FFFD}"
            if found.count < Self.textMax { found += Array(String(scalar).utf8) }
            return
        default: throw .badInfo
        }
        if found.count < Self.textMax { found.append(meant) }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x37)
        case 0x61...0x66: UInt32(byte - 0x57)
        default: nil
        }
    }

    /// Passes over a value of any kind.
    mutating func pass(depth: Int = 0) throws(NATSViolation) {
        guard depth < Self.depthMax else { throw .badInfo }
        switch peek() {
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "["):
            at += 1
            if close(UInt8(ascii: "]")) { return }
            repeat { try pass(depth: depth + 1) } while try goesOn(until: UInt8(ascii: "]"))
        case UInt8(ascii: "{"):
            at += 1
            if close(UInt8(ascii: "}")) { return }
            repeat {
                _ = try text()
                try open(UInt8(ascii: ":"))
                try pass(depth: depth + 1)
            } while try goesOn(until: UInt8(ascii: "}"))
        default:
            let start = at
            while at < bytes.count, Self.isInNumber(bytes[at]) { at += 1 }
            guard at > start else { throw .badInfo }
        }
    }
}
