// The descriptors that the simulated BlueZ has passed: whose they are, and what was written to each and is not read yet.
// Must not know peripherals, nor what becomes of a packet.

/// Descriptors by the path of their characteristic.
struct SimDescriptors {
    /// Those that the client has.
    private(set) var open: [Int32] = []
    private var last: Int32 = 1_000_000
    private var paths: [Int32: String] = [:]
    private var unread: [Int32: [[UInt8]]] = [:]

    /// - Parameter path: nil for one that belongs to nobody.
    mutating func make(for path: String?) -> Int32 {
        last += 1
        open.append(last)
        paths[last] = path
        return last
    }

    func path(of descriptor: Int32) -> String? { paths[descriptor] }

    /// A packet that is to be read.
    /// - Returns: How many there are.
    mutating func add(_ packet: [UInt8], to descriptor: Int32) -> Int {
        unread[descriptor, default: []].append(packet)
        return unreadCount(descriptor)
    }

    func unreadCount(_ descriptor: Int32?) -> Int { descriptor.flatMap { unread[$0]?.count } ?? 0 }

    /// Takes the packet that is read next.
    mutating func read(_ descriptor: Int32) -> [UInt8]? { unreadCount(descriptor) == 0 ? nil : unread[descriptor]?.removeFirst() }

    /// The client has closed it.
    /// - Returns: What was not read.
    mutating func released(_ descriptor: Int32) -> [[UInt8]] {
        open.removeAll { $0 == descriptor }
        return end(descriptor)
    }

    /// BlueZ has closed it.
    @discardableResult
    mutating func end(_ descriptor: Int32) -> [[UInt8]] {
        paths[descriptor] = nil
        return unread.removeValue(forKey: descriptor) ?? []
    }
}
