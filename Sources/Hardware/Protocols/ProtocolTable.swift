// The protocols that there are, by the names that device configurations have for them.
// Must not know which devices use them; the catalogue does.

enum ProtocolTable {
    /// Makes the protocol of a name for one device; nil when there is none of that name.
    static func make(_ name: String, _ setup: DeviceSetup) -> (any DeviceProtocol)? {
        if let make = written[name] { return make(setup) }
        return Rows.programs[name].map { Template($0, setup) }
    }

    static func has(_ name: String) -> Bool { written[name] != nil || Rows.programs[name] != nil }

    /// Those that are no rows.
    private static let written: [String: @Sendable (DeviceSetup) -> any DeviceProtocol] = [
        "ankni": { Ankni($0) },
        "foreo": { Foreo($0) },
        "fredorch": { Fredorch($0) },
        "fredorch-rotary": { FredorchRotary($0) },
        "galaku": { Galaku(isPump: false, $0) },
        "galaku-pump": { Galaku(isPump: true, $0) },
        "hismith": { Hismith(isMini: false, $0) },
        "hismith-mini": { Hismith(isMini: true, $0) },
        "joyhub": { JoyHub($0) },
        "kiiroo-v2": { Kiiroo(.v2, $0) },
        "kiiroo-v21": { Kiiroo(.v21, $0) },
        "kiiroo-v21-initialized": { Kiiroo(.v21Initialized, $0) },
        "kiiroo-v3": { Kiiroo(.v3, $0) },
        "lelo-f1sv2": { Lelo(isHarmony: false, $0) },
        "lelo-harmony": { Lelo(isHarmony: true, $0) },
        "lovehoney-desire": { LovehoneyDesire($0) },
        "lovense": { Lovense($0) },
        "monsterpub": { Monsterpub($0) },
        "satisfyer": { Satisfyer($0) },
        "sensee-v2": { SenseeV2($0) },
        "serveu": { ServeU($0) },
        "sexverse-v1": { SexverseV1($0) },
        "svakom-barney": { SvakomPair(.barney, $0) },
        "svakom-iker": { SvakomIker($0) },
        "svakom-sam": { SvakomSam($0) },
        "svakom-v4": { SvakomPair(.v4, $0) },
        "svakom-v5": { SvakomPair(.v5, $0) },
        "svakom-v6": { SvakomPair(.v6, $0) },
        "thehandy": { Handy($0) },
        "thehandy-v3": { HandyV3($0) },
        "vorze-sa": { VorzeSA($0) },
    ]

    /// The names of all protocols, in order.
    static var names: [String] { (Array(written.keys) + Array(Rows.programs.keys)).sorted() }
}
