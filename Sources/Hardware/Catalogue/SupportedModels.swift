// The models that are known, as a table for people: `plugboard devices --supported` prints it.
// Must not know how it is printed.

/// A model of the built-in catalogue.
public struct SupportedModel: Hashable, Sendable {
    /// As people know it: "Lovense Edge".
    public var model: String
    /// The protocol that drives it.
    public var protocolName: String
    /// Its outputs and sensors, in words: "vibrate, rotate, battery".
    public var features: String
    /// Whether sequences of bytes of its protocol, taken from elsewhere, were compared with ours. Without that it is "not verified".
    public var isVerified: Bool
}

public enum SupportedModels {
    /// Every model, in the order of the catalogue. A protocol's defaults come first, under their name.
    public static var rows: [SupportedModel] {
        let checked = Set(verified)
        return Builtin.catalogue.protocols.flatMap { facts in
            ([facts.defaults].compactMap { $0 } + facts.models).filter { !$0.outputs.isEmpty || !$0.inputs.isEmpty }.map { model in
                let words = model.outputs.map { "\($0.type)" } + model.inputs.map { "\($0.range.type)" }
                return SupportedModel(
                    model: model.name, protocolName: facts.name, features: words.joined(separator: ", "),
                    isVerified: checked.contains(facts.name))
            }
        }
    }

    /// Whether the bytes of a protocol were compared with sequences of another origin.
    public static func isVerified(_ protocolName: String) -> Bool { verified.contains(protocolName) }

    /// A protocol's name, with "not verified" after it where that is so.
    public static func words(ofProtocol name: String) -> String { isVerified(name) ? name : "\(name), not verified" }

    /// The protocols whose bytes were compared with sequences of another origin.
    static let verified = [
        "activejoy", "amorelie-joy", "ankni", "cachito", "cowgirl", "cupido", "feelingso", "fluffer", "foreo", "galaku-pump", "hgod",
        "hismith", "hismith-mini", "honeyplaybox", "itoys", "jejoue", "joyhub", "kiiroo-powershot", "kiiroo-spot", "lelo-f1sv2",
        "lelo-harmony", "leten", "lovehoney-desire", "lovense", "luvmazer", "magic-motion-1", "magic-motion-2", "magic-motion-4",
        "mizzzee", "mizzzee-v3", "motorbunny", "nexus-revo", "omobo", "pink_punch", "sakuraneko", "satisfyer", "sensee", "sexverse-v1",
        "sexverse-v2", "sexverse-v5", "svakom-alex", "svakom-barnard", "svakom-iker", "svakom-pulse", "svakom-v1", "svakom-v2",
        "svakom-v3", "tryfun", "tryfun-meta2", "vorze-sa", "wetoy", "wevibe-8bit", "wevibe-chorus", "xiuxiuda", "xuanhuan",
    ]
}
