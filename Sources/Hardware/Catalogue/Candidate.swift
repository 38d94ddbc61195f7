// What an advertisement said of a device that could be connected.
// Must not know who received it.

/// A device that was found, and what it said of itself.
struct Candidate: Hashable, Sendable {
    /// The transport's address, without the transport: "C0:11:22:33:44:55".
    var address: String
    /// As advertised, byte for byte; may have control characters.
    var name: String?
    /// Manufacturer data, in the order in which it came.
    var makers: [MakerData] = []
    /// The services that it advertises; there may be more.
    var services: [UUID128] = []

    init(address: String, name: String? = nil, makers: [MakerData] = [], services: [UUID128] = []) {
        self.address = address
        self.name = name
        self.makers = makers
        self.services = services
    }
}

/// Manufacturer data of an advertisement.
struct MakerData: Hashable, Sendable {
    /// The company's assigned number.
    var company: UInt16
    var data: [UInt8]
}
