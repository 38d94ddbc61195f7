// What a router must know to be a member of a cell, and the subjects that its members use.
// Must not know the configuration file.

import Cluster
import Host

public struct MembersSettings: Hashable, Sendable {
    /// The cell's name, and this member's in it: `isName`.
    public var cell: String
    public var member: String
    /// Which 1,024 indices this member gives to new devices: 0…63, another one for each member.
    public var block: UInt16
    /// Drawn at each start of the program.
    public var incarnation: UInt64
    /// A member is lost this long after the last proof that it receives and sends.
    public var lostAfter = Interval.seconds(1)
    public var beat = Interval.milliseconds(250)
    /// How long a device may take to answer its home.
    public var writeTimeout = Interval.seconds(2)
    /// Orders that a member may give here in a second; more loses the link.
    public var ordersPerSecond = 50_000

    public init(cell: String, member: String, block: UInt16, incarnation: UInt64) {
        (self.cell, self.member, self.block, self.incarnation) = (cell, member, block, incarnation)
    }

    /// Other members at most.
    public static var peersMax: Int { 63 }
    /// How often a member tells that it is there.
    static var hereEvery: Interval { .seconds(2) }

    /// Whether a cell or a member may be called this: 1 to 32 of `a-z`, `0-9` and `-`.
    public static func isName(_ name: some StringProtocol) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    var linkSettings: ClusterLink.Settings {
        var settings = ClusterLink.Settings(incarnation: incarnation)
        (settings.lostAfter, settings.beat) = (lostAfter, beat)
        return settings
    }
}

/// The subjects of one member: `plug.CELL.here.M`, `plug.CELL.stop.M`, `plug.CELL.to.RECEIVER.SENDER`, `plug.CELL.miss.M.PEER`. The sender is the
/// last word, which the bus's permissions see to; no payload names its sender.
struct MembersSubjects {
    /// What a subject says.
    enum Meaning: Equatable {
        case here(member: String)
        case link(from: String)
        case stop(member: String)
        case missed(peer: String)
    }

    let member: String
    private let prefix: String

    init(_ settings: MembersSettings) {
        member = settings.member
        prefix = "plug.\(settings.cell)."
    }

    var here: String { "\(prefix)here.\(member)" }
    var stop: String { "\(prefix)stop.\(member)" }
    func link(to peer: String) -> String { "\(prefix)to.\(peer).\(member)" }
    func miss(of peer: String) -> String { "\(prefix)miss.\(member).\(peer)" }

    var subscriptions: [String] { ["\(prefix)here.*", "\(prefix)stop.*", "\(prefix)to.\(member).*", "\(prefix)miss.\(member).*"] }

    /// nil: it is not of this cell, or not for this member.
    func meaning(of subject: String) -> Meaning? {
        guard subject.hasPrefix(prefix) else { return nil }
        let words = subject.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard let last = words.last, MembersSettings.isName(last) else { return nil }
        switch (words.count, words[0]) {
        case (2, "here"): return .here(member: String(last))
        case (2, "stop"): return .stop(member: String(last))
        case (3, "to") where words[1] == member: return .link(from: String(last))
        case (3, "miss") where words[1] == member: return .missed(peer: String(last))
        default: return nil
        }
    }
}

/// What a member tells everybody: that it is there. It only leads to greetings. 24 bytes, little-endian: incarnation, lowest and highest
/// version of the protocol, block, 12 bytes that are 0. What is longer is of a later version.
struct HereNotice: Equatable {
    var incarnation: UInt64
    var versions: ClosedRange<UInt8> = 1...1
    var block: UInt16

    static var byteCount: Int { 24 }

    init(incarnation: UInt64, block: UInt16) { (self.incarnation, self.block) = (incarnation, block) }

    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.byteCount, bytes.byteCount <= 1_024 else { return nil }
        incarnation = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let (lowest, highest) = (
            bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt8.self), bytes.unsafeLoadUnaligned(fromByteOffset: 9, as: UInt8.self)
        )
        block = UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 10, as: UInt16.self))
        guard lowest <= highest else { return nil }
        versions = lowest...highest
    }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: incarnation.littleEndian, as: UInt64.self)
            ($0[8], $0[9]) = (versions.lowerBound, versions.upperBound)
            $0.storeBytes(of: block.littleEndian, toByteOffset: 10, as: UInt16.self)
        }
        return bytes
    }
}
