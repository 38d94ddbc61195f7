// The tokens of the configuration, with the files that it names read.
// Must not be called on the loop's thread: a file may be on a drive that does not answer.

import Guard
import Platform
import UV

enum ConfiguredTokens {
    /// The shortest secret that somebody may choose: shorter ones can be tried out.
    private static let shortest = 32
    private static let longest = 256

    /// The tokens of these settings.
    static func read(_ loaded: LoadedSettings) throws(ConfigurationRefused) -> [Token] {
        var tokens: [Token] = []
        var problems: [ConfigurationRefused.Problem] = []
        for entry in loaded.settings.tokens {
            do throws(Refusal) {
                let digest = try digest(of: entry)
                guard !tokens.contains(where: { $0.digest == digest }) else { throw Refusal("is the same token as another one") }
                tokens.append(
                    Token(
                        entry.name, digest, created: WallTime(milliseconds: 0), expires: entry.expires.flatMap { WallTime($0) },
                        sessionsMax: entry.sessions, note: entry.note))
            } catch {
                problems.append(.init(origin: loaded.origins["token"] ?? .standard, reason: "token \(entry.name) \(error.reason)"))
            }
        }
        if !problems.isEmpty { throw ConfigurationRefused(problems: problems) }
        return tokens
    }

    /// The operator's token of the admin interface.
    static func operatorToken(_ loaded: LoadedSettings) throws(ConfigurationRefused) -> TokenDigest? {
        let settings = loaded.settings
        guard settings.adminTokenFile != nil || !settings.adminTokenHash.isEmpty else { return nil }
        var entry = TokenEntry()
        (entry.file, entry.hash) = (settings.adminTokenFile, settings.adminTokenHash)
        do throws(Refusal) { return try digest(of: entry) } catch {
            let key = entry.file == nil ? "admin.token_hash" : "admin.token_file"
            throw ConfigurationRefused(problems: [.init(origin: loaded.origins[key] ?? .standard, reason: "the token \(error.reason)")])
        }
    }

    private static func digest(of entry: TokenEntry) throws(Refusal) -> TokenDigest {
        guard let path = entry.file else {
            guard let digest = TokenDigest(hex: entry.hash) else { throw Refusal("has no hash") }
            return digest
        }
        return TokenDigest(of: try secret(in: path))
    }

    /// The token that a file has.
    /// - Throws: What is wrong with it, as the second half of a sentence.
    static func secret(in path: String) throws(Refusal) -> String {
        let bytes: [UInt8]
        do throws(UVError) {
            bytes = try Descriptor.contents(of: path, limit: 4_096)
        } catch { throw Refusal("cannot be read from \(path): \(error.sentence)") }
        // Without the line's end that an editor adds.
        var text = bytes[...]
        while let last = text.last, last == 0x0A || last == 0x0D || last == 0x20 { text = text.dropLast() }
        let isGood = text.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
            default: false
            }
        }
        guard (shortest...longest).contains(text.count), isGood else {
            throw Refusal(
                "is none in \(path): it must have \(shortest) to \(longest) letters, digits, '-', '_', '.' or '~', and nothing else")
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension LoadedSettings {
    /// Takes the tokens whose files have been read.
    func withTokens() throws(ConfigurationRefused) -> LoadedSettings {
        var loaded = self
        loaded.tokens = try ConfiguredTokens.read(self)
        return loaded
    }
}
