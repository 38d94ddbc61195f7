// A simulated wire's descriptor in the hands of another process: it stays open when the wire is closed.
// Must not know which process that is.

import Host

/// A duplicate of a descriptor.
public final class SimDuplicate {
    private enum Way {
        case line(SimPlug)
        case bus(SimBus, Int32)
        case closed
    }

    private var way: Way

    /// Sends bytes, all or none. False when nothing is taken now, or the other end is gone.
    public func send(_ bytes: [UInt8]) -> Bool {
        switch way {
        case .line(let plug): return plug.take(bytes)
        case .bus(let bus, let number):
            bus.write(bytes, toDuplicate: number)
            return true
        case .closed: return false
        }
    }

    public func close() {
        switch way {
        case .line(let plug): plug.duplicates -= 1
        case .bus(let bus, let number): bus.closeDuplicate(number)
        case .closed: break
        }
        way = .closed
    }

    /// Of a wire that is open and has this descriptor; nil when there is none.
    init?(_ descriptor: Int32, of host: SimHost) {
        if let plug = host.network.wires.first(where: { $0.descriptor == descriptor })?.plug {
            plug.duplicates += 1
            way = .line(plug)
        } else if let bus = host.network.buses.first(where: { $0.duplicate(descriptor) }) {
            way = .bus(bus, descriptor)
        } else {
            return nil
        }
    }
}

extension SimHost {
    /// What a process gets that is passed this descriptor of an open wire; nil when it is not open.
    public func duplicate(_ descriptor: Int32) -> SimDuplicate? { SimDuplicate(descriptor, of: self) }

    /// Wires that are open or being opened, but for those to a bus.
    public var wireCount: Int { network.wires.count }
}
