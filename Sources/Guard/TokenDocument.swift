// The tokens made at run time as the text of a file, and back.
// Must not know files. Digests are in it, secrets are not.

import Host
import JSON

/// The text: a JSON object with the format's name, and one line for each token.
public enum TokenDocument {
    private static let format = "plugboard-tokens 1"

    /// Why a text is none.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    public static func encoded(_ tokens: [Token]) -> [UInt8] {
        let lines = tokens.map { token in
            var text = JSONText()
            text.object {
                $0.member("name", token.name)
                $0.member("sha256", token.digest.hex)
                $0.member("created", token.created.description)
                $0.member("expires", token.expires?.description)
                $0.member("sessions", token.sessionsMax)
                $0.member("note", token.note)
                $0.member("rule") { if let grant = token.grant { grant.write(into: &$0) } else { $0.null() } }
            }
            return text.string
        }
        return Array("{\"format\":\"\(format)\",\"tokens\":[\n\(lines.joined(separator: ",\n"))\n]}\n".utf8)
    }

    public static func decoded(_ bytes: [UInt8]) throws(Malformed) -> [Token] {
        guard let tree = JSONTree(bytes) else { throw Malformed(description: "it is cut short, or not JSON") }
        guard tree["format"]?.string == format, case .array(let elements)? = tree["tokens"] else {
            throw Malformed(description: "it is not of the format '\(format)'")
        }
        var tokens: [Token] = []
        for (number, element) in elements.enumerated() {
            guard let token = token(element), !tokens.contains(where: { $0.name == token.name || $0.digest == token.digest }) else {
                throw Malformed(description: "token \(number + 1) is damaged, or there twice")
            }
            tokens.append(token)
        }
        return tokens
    }

    private static func token(_ tree: JSONTree) -> Token? {
        guard let name = tree["name"]?.string, Token.trouble(withName: name) == nil,
            let digest = tree["sha256"]?.string.flatMap({ TokenDigest(hex: $0) }),
            let created = tree["created"]?.string.flatMap({ WallTime($0) }), let expiry = tree["expires"],
            let sessions = tree["sessions"]?.integer(Int.self), (1...Token.sessionsLimit).contains(sessions),
            let note = tree["note"]?.string, Token.trouble(withNote: note) == nil, let rule = tree["rule"]
        else { return nil }
        var token = Token(name, digest, created: created, sessionsMax: sessions, note: note)
        if expiry != .null {
            guard let expires = expiry.string.flatMap({ WallTime($0) }) else { return nil }
            token.expires = expires
        }
        if rule != .null {
            guard case .object(let members) = rule else { return nil }
            var grant = TokenGrant()
            for member in members {
                do throws(TokenRefusal) { try grant.take(member) } catch { return nil }
            }
            token.grant = grant
        }
        return token
    }
}
