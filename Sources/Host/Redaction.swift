// Tokens taken out of texts that are logged, shown or kept: URLs, targets, what a peer sent.
// Must not know which tokens there are: it finds them by the way they are carried, and by the form of ours.

/// Replaces every token in a text by "…".
public enum Redaction {
    /// What stands before a token in each of the carriers, how a token of ours begins, and where the configuration has a token's hash.
    private static let marks = ["token=", "/t/", "plugboard.token.", "bearer ", "pb_", "hash = \""]

    public static func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.indices.contains(where: { mark(bytes, at: $0) != nil }) else { return text }
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            guard let length = mark(bytes, at: at) else {
                out.append(bytes[at])
                at += 1
                continue
            }
            out += bytes[at..<(at + length)] + Array("…".utf8)
            at += length
            while at < bytes.count, !ends(bytes[at]) { at += 1 }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The length of the mark that begins here, if a token follows it.
    private static func mark(_ bytes: [UInt8], at start: Int) -> Int? {
        for mark in marks {
            let end = start + mark.utf8.count
            guard end < bytes.count, !ends(bytes[end]) else { continue }
            if bytes[start..<end].lazy.map(lowercased).elementsEqual(mark.utf8) { return end - start }
        }
        return nil
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Whether a byte is never in a token that is carried: the delimiters of URLs, headers and quotations.
    private static func ends(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || "\"'&#?/,;<>".utf8.contains(byte)
    }
}
