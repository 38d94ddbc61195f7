// What all commands to a running router share: which router, and how an answer becomes words or an exit status.
// Must not know any command.

import ArgumentParser
import Host
import JSON
import Platform
import UV
import UVHost

/// Which router is meant.
struct RouterOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("The router's admin socket. Without it and --url: yours, then the service's.", valueName: "path"))
    var socket: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The router's admin address, like http://127.0.0.1:12380, or https://router.lan:12381 with --token-file.", valueName: "url"))
    var url: String?

    @Option(name: .long, help: ArgumentHelp("For https: the file that has the operator's token.", valueName: "file"))
    var tokenFile: String?

    @Option(name: .long, help: ArgumentHelp("For https: a PEM file of authorities, instead of the system's.", valueName: "file"))
    var caFile: String?

    func validate() throws {
        if socket != nil, url != nil { throw ValidationError("name the router by --socket or by --url, not by both") }
        let address = url.flatMap(Self.address)
        if let url, address == nil {
            // It may have a token in it, which is not shown again.
            throw ValidationError(
                "--url: not an address like http://127.0.0.1:12380 or https://router.lan:12381: \(Redaction.redacted(url))")
        }
        if case .https? = address {
            if let problem = credentials.problem { throw ValidationError(problem) }
        } else if let option = tokenFile != nil ? "--token-file" : caFile != nil ? "--ca-file" : nil {
            throw ValidationError("\(option) is for --url https://…: without TLS, anybody on the way could read and change everything")
        }
    }

    private static func address(_ url: String) -> AdminClient.Address? {
        if url.hasPrefix("https://") {
            guard let endpoint = try? Endpoint("wss://" + url.dropFirst(8), for: .dialling),
                case .webSocket(let host, let port, "/", _) = endpoint
            else { return nil }
            return .https(host: host, port: port)
        }
        guard case .http(let host, let port)? = AdminAddress(url) else { return nil }
        return .http(host: host, port: port)
    }

    private var credentials: AdminCredentials { AdminCredentials(authorities: caFile, tokenFile: tokenFile) }

    /// The same as words of a command line.
    var words: [String] {
        [("--socket", socket), ("--url", url), ("--token-file", tokenFile), ("--ca-file", caFile)].flatMap { name, value in
            value.map { [name, $0] } ?? []
        }
    }

    var client: AdminClient {
        if let socket { return AdminClient(addresses: [.socket(socket)]) }
        if let address = url.flatMap(Self.address) { return AdminClient(addresses: [address], credentials: credentials) }
        return AdminClient.usual(Environment.variables)
    }

    /// The same for what is the owner's alone: an HTTP address that nobody has named may be another user's router.
    var ownClient: AdminClient {
        guard url == nil else { return client }
        return AdminClient(addresses: client.addresses.filter(isOwn))
    }

    func isOwn(_ address: AdminClient.Address) -> Bool {
        if case .socket = address { true } else { url != nil }
    }

    /// Asks, and returns the answer's JSON; anything but success ends the command with the reason.
    func ask(_ method: String, _ path: String, body: String? = nil) throws -> JSONTree {
        try Self.tree(of: reply(of: client, method, path, body: body), to: path)
    }

    /// The same for what changes something: only a router that was named, or that answers at a socket, which is its user's own.
    func change(_ method: String, _ path: String, body: String? = nil) throws -> JSONTree {
        try Self.tree(of: reply(of: ownClient, method, path, body: body), to: path)
    }

    func reply(of client: AdminClient, _ method: String, _ path: String, body: String? = nil) throws -> AdminReply {
        do throws(AdminTrouble) { return try client.request(method, path, body: body) } catch {
            throw ExitStatus.unavailable.refusing(error.words + hint(after: error))
        }
    }

    /// The router at the usual HTTP address, when only a socket was asked.
    private func hint(after trouble: AdminTrouble) -> String {
        guard case .notThere(let asked) = trouble, socket == nil, url == nil,
            let other = client.addresses.last, !asked.contains(other.text), let name = who(at: other)
        else { return "" }
        return "; \(name) is there, perhaps another user's: if it is meant, say --url \(other.text)"
    }

    /// A router by name, process and address; nil when it does not answer.
    func who(at address: AdminClient.Address) -> String? {
        let one = AdminClient(addresses: [address], seconds: 2, credentials: credentials)
        guard let status = (try? one.request("GET", "/v1/status"))?.json, status["pid"] != nil else { return nil }
        return "\(status.cell("name")), process \(status.cell("pid")), at \(address.text)"
    }

    /// What names this router in a command: the options that were given, or the address where it was found without.
    func words(for address: AdminClient.Address) -> String {
        if words.isEmpty, case .http = address { return " --url \(address.text)" }
        return words.map { " " + $0 }.joined()
    }

    /// The answer's JSON; anything but success ends the command with the reason.
    static func tree(of reply: AdminReply, to path: String) throws -> JSONTree {
        let tree = reply.json ?? .null
        guard (200..<300).contains(reply.status) else {
            let reason =
                (tree["detail"]?.string ?? "the router answered \(reply.status)") + (reply.status == 404 ? hint(at: path) : "")
                + AdminReply.hint(reply.status) + (reply.status == 400 && reply.json == nil ? "; is it an https:// address?" : "")
            throw (reply.status == 404 || reply.status == 422 || reply.status == 400 ? ExitStatus.usage : .unavailable).refusing(reason)
        }
        return tree
    }

    /// Which command lists what there is, after a name or number that there is not.
    private static func hint(at path: String) -> String {
        let lists = [
            ("/v1/sessions/", "`plugboard sessions` lists those that there are"),
            ("/v1/devices/", "`plugboard devices` lists those that there are"),
            ("/v1/consents/", "`plugboard consents` lists who waits"),
        ]
        return lists.first { path.hasPrefix($0.0) }.map { "; \($0.1)" } ?? ""
    }

    /// All elements of a list, page by page.
    func list(_ name: String) throws -> [JSONTree] {
        var all: [JSONTree] = []
        var after = ""
        while true {
            let page = try ask("GET", "/v1/\(name)?limit=1000" + (after.isEmpty ? "" : "&after=\(after)"))
            all += page[name]?.elements ?? []
            guard let next = page["next"]?.string else { return all }
            after = next
        }
    }
}

/// Text for a terminal in columns.
struct TextTable {
    var rows: [[String]]

    init(_ head: [String]) { rows = [head] }

    mutating func add(_ cells: [String]) { rows.append(cells.map(printable)) }

    /// Writes it to standard output; with no row below the head, standard error says what that means.
    func write(whenEmpty words: String) {
        Descriptor.output.write(text)
        if rows.count == 1 { Descriptor.error.write("plugboard: \(words)\n") }
    }

    /// The rows with their columns under each other; the last column is not padded.
    var text: String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { $0 == row.count - 1 ? row[$0] : padded(row[$0], to: widths[$0]) }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}

extension JSONTree {
    /// The value as a cell of a table; a dash for nothing.
    var cell: String {
        switch self {
        case .null: "-"
        case .bool(let bool): bool ? "yes" : "no"
        case .number(let number): number == number.rounded() ? "\(Int(number))" : "\((number * 100).rounded() / 100)"
        case .string(let string): string
        case .array(let elements): elements.map(\.cell).joined(separator: ", ")
        case .object: "…"
        }
    }

    func cell(_ key: String) -> String { (self[key] ?? .null).cell }

    /// "1 output", "2 outputs".
    func counted(_ key: String, _ noun: String) -> String {
        let cell = cell(key)
        return "\(cell) \(noun)\(cell == "1" ? "" : "s")"
    }

    /// The nearest whole number; 0 where there is none.
    func rounded(_ key: String) -> Int { Int((self[key]?.number ?? 0).rounded()) }

    /// The value as JSON text.
    var text: String {
        var text = JSONText()
        text.value(self)
        return text.string
    }
}
