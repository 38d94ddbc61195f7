// Entries of the lists of allowed hosts and origins, as an operator writes them: understood in every form, or refused with a reason.
// Must not know configuration files, nor what is done with a host or an origin that is allowed.

/// Why an entry means nothing: the second half of a sentence that begins with the entry.
public struct EntryRefusal: Error, Hashable, Sendable {
    public let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// A host that may be in a `Host` header.
public enum AllowedHost: Hashable, Sendable {
    case any
    case host(HostName)

    /// Reads a name or an address, with or without a port (which does not matter), or `*`.
    public init(_ text: String) throws(EntryRefusal) {
        if text == "*" {
            self = .any
        } else if let host = HostName(text) ?? Authority(text)?.host {
            self = .host(host)
        } else if text.contains("*") {
            throw EntryRefusal("has a * in it: * is written alone and allows every host; name each host otherwise")
        } else if case .site(_, _, _)? = Origin(text), let line = Self.entry(for: Substring(text)) {
            throw EntryRefusal("is an address of a page: write the host alone, \"\(line)\"")
        } else {
            throw EntryRefusal("is not a host: write a name like \"router.lan\" or an address like \"192.168.1.5\"\(asciiHint(text))")
        }
    }

    /// The entry that allows the host of a `Host` header or a URL; nil when none can.
    static func entry(for text: Substring) -> String? {
        var host = text
        if let colon = host.firstIndex(of: ":"), host[colon...].hasPrefix("://") { host = host[host.index(colon, offsetBy: 3)...] }
        host = host.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let end = host.hasPrefix("[") ? host.firstIndex(of: "]").map { host.index(after: $0) } : host.firstIndex(of: ":")
        let name = String(host[..<(end ?? host.endIndex)].prefix { $0 != "%" })
        let whole = name.hasPrefix("[") && !name.hasSuffix("]") ? name + "]" : name
        guard whole.utf8.count <= entryBytesMax, HostName(whole) != nil else { return nil }
        return String(decoding: whole.utf8.map(ASCII.lowercased), as: UTF8.self)
    }
}

/// An origin that may be in an `Origin` header.
public enum AllowedOrigin: Hashable, Sendable {
    case any
    case null
    case file
    case site(scheme: String?, host: HostName, port: UInt16?)

    /// Reads `scheme://host[:port]`, `null`, `file://` or `*`.
    public init(_ text: String) throws(EntryRefusal) {
        if text == "*" {
            self = .any
            return
        }
        guard !text.contains("*") else {
            throw EntryRefusal("has a * in it: * is written alone and allows every origin; name each origin otherwise")
        }
        var path = ""
        switch Origin(text, path: &path) {
        case .null?: self = .null
        case .file?: self = .file
        case .site(let scheme, let host, let port)?:
            guard scheme != nil || host.isLoopback else {
                throw EntryRefusal("has no scheme: write \"https://\(text)\" or \"http://\(text)\", as the page's address begins")
            }
            guard path.isEmpty || path == "/" else {
                throw EntryRefusal("has a path, and an origin is a whole site: write \"\(text.dropLast(path.count))\"")
            }
            self = .site(scheme: scheme, host: host, port: port)
        case nil:
            throw EntryRefusal("is not an origin: write it like \"https://example.org\" or \"http://192.168.1.5:8080\"\(asciiHint(text))")
        }
    }

    /// The entry that allows an `Origin` header; nil when none can.
    static func entry(for text: String) -> String? {
        var path = ""
        guard let origin = Origin(text, path: &path) else { return nil }
        switch origin {
        case .null: return "null"
        case .file: return "file://"
        case .site(nil, _, _): return nil
        case .site:
            let entry = text.dropLast(path.count)
            guard entry.utf8.count <= entryBytesMax else { return nil }
            return String(decoding: entry.utf8.map(ASCII.lowercased), as: UTF8.self)
        }
    }

    func matches(_ origin: Origin) -> Bool {
        switch (self, origin) {
        case (.any, _), (.null, .null), (.file, .file): true
        case (.site(let scheme, let host, let port), .site(let otherScheme, let otherHost, let otherPort)):
            scheme == otherScheme && host == otherHost && port == otherPort
        default: false
        }
    }
}

/// As long as a text of the configuration may be.
private let entryBytesMax = 256

private func asciiHint(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 } ? "" : "; names with other letters are written as browsers send them, xn--…"
}
