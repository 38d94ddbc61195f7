// The protocols that there are, by the names that device configurations have for them.
// Must not know which devices use them; the catalogue does.

enum ProtocolTable {
    /// Makes the protocol of a name for one device; nil when there is none of that name.
    static func make(_ name: String, _ setup: DeviceSetup) -> (any DeviceProtocol)? {
        if let row = written.first(where: { $0.name == name }) { return row.make(setup) }
        return Rows.programs[name].map { Template($0, setup) }
    }

    static func has(_ name: String) -> Bool { written.contains { $0.name == name } || Rows.programs[name] != nil }

    /// Those that are no rows.
    private struct Row: Sendable {
        var name: String
        var make: @Sendable (DeviceSetup) -> any DeviceProtocol

        init(_ name: String, _ make: @escaping @Sendable (DeviceSetup) -> any DeviceProtocol) {
            self.name = name
            self.make = make
        }
    }

    private static let written: [Row] = [
        Row("ankni") { Ankni($0) },
        Row("fluffer") { Fluffer($0) },
        Row("foreo") { Foreo($0) },
        Row("fredorch") { Fredorch($0) },
        Row("fredorch-rotary") { FredorchRotary($0) },
        Row("galaku") { Galaku(isPump: false, $0) },
        Row("galaku-pump") { Galaku(isPump: true, $0) },
        Row("hismith") { Hismith(isMini: false, $0) },
        Row("hismith-mini") { Hismith(isMini: true, $0) },
        Row("honeyplaybox") { HoneyPlayBox($0) },
        Row("joyhub") { JoyHub($0) },
        Row("kgoal-boost") { KGoalBoost($0) },
        Row("kiiroo-v2") { Kiiroo(.v2, $0) },
        Row("kiiroo-v21") { Kiiroo(.v21, $0) },
        Row("kiiroo-v21-initialized") { Kiiroo(.v21Initialized, $0) },
        Row("kiiroo-v3") { Kiiroo(.v3, $0) },
        Row("lelo-f1sv2") { Lelo(isHarmony: false, $0) },
        Row("lelo-harmony") { Lelo(isHarmony: true, $0) },
        Row("lovehoney-desire") { LovehoneyDesire($0) },
        Row("lovense") { Lovense($0) },
        Row("monsterpub") { Monsterpub($0) },
        Row("satisfyer") { Satisfyer($0) },
        Row("sensee-v2") { SenseeV2($0) },
        Row("serveu") { ServeU($0) },
        Row("sexverse-v1") { SexverseV1($0) },
        Row("svakom-barney") { SvakomPair(.barney, $0) },
        Row("svakom-iker") { SvakomIker($0) },
        Row("svakom-sam") { SvakomSam($0) },
        Row("svakom-v4") { SvakomPair(.v4, $0) },
        Row("svakom-v5") { SvakomPair(.v5, $0) },
        Row("svakom-v6") { SvakomPair(.v6, $0) },
        Row("thehandy") { Handy($0) },
        Row("thehandy-v3") { HandyV3($0) },
        Row("vibcrafter") { VibCrafter($0) },
        Row("vorze-sa") { VorzeSA($0) },
    ]

    /// The names of all protocols, in order.
    static var names: [String] { (written.map(\.name) + Rows.names).sorted() }
}
