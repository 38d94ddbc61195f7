// Names become addresses, each on a thread of its own that nobody has to wait for: neither its loop nor the end of the process.
// Must not know what the addresses are for.

import CUV
import LibC

/// The look-ups under way, of all loops.
///
/// libuv's own cannot be given up once they run, and its threads are joined when the process ends: a name server that is silent for half
/// a minute would hold up both.
final class LookupDesk: @unchecked Sendable {
    typealias Answer = Result<[SocketAddress], UVError>
    typealias Found = (Answer) -> Void
    typealias Resolver = @Sendable (_ host: String, _ port: UInt16) -> Answer

    /// One whose answer is waited for.
    private struct Entry {
        let loop: Loop
        let found: Found
    }

    /// A thread that asks, and those who want to know what it hears.
    private struct Asking {
        let number: UInt64
        let name: String
        var tickets: [UInt64]
    }

    static let shared = LookupDesk(threadsMax: 64, resolver: LookupDesk.ask)
    /// Threads that ask for one name: one whose name server is silent takes no thread from the others, however often it is tried again.
    private static let threadsPerName = 2

    private let threadsMax: Int
    private let resolver: Resolver
    private let mutex: UnsafeMutablePointer<uv_mutex_t>
    private var waiting: [UInt64: Entry] = [:]
    /// Those at it, waited for or not.
    private var asking: [Asking] = []
    private var lastTicket: UInt64 = 0

    /// - Parameter threadsMax: Names asked for at once; one more fails and may be tried again later.
    init(threadsMax: Int, resolver: @escaping Resolver) {
        self.threadsMax = threadsMax
        self.resolver = resolver
        mutex = .allocate(capacity: 1)
        precondition(uv_mutex_init(mutex) == 0, "no mutex left")
    }

    deinit {
        uv_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Looks a name up. `found` is called on the loop, in a later turn, unless `cancel` comes first.
    func start(_ host: String, _ port: UInt16, for loop: Loop, _ found: @escaping Found) throws(UVError) -> UInt64 {
        let name = "\(host):\(port)"
        let (ticket, isNew): (UInt64?, Bool) = locked {
            let own = asking.indices.filter { asking[$0].name == name }
            let isNew = own.count < Self.threadsPerName
            guard !isNew || asking.count < threadsMax else { return (nil, false) }
            lastTicket += 1
            waiting[lastTicket] = Entry(loop: loop, found: found)
            if isNew {
                asking.append(Asking(number: lastTicket, name: name, tickets: [lastTicket]))
            } else if let newest = own.last {
                asking[newest].tickets.append(lastTicket)
            }
            return (lastTicket, isNew)
        }
        guard let ticket else { throw UVError(UV_EAI_AGAIN.rawValue, in: "getaddrinfo") }
        guard isNew else { return ticket }
        do throws(UVError) {
            try BackgroundThread.start { [self, resolver] in end(ticket, resolver(host, port)) }
        } catch {
            locked {
                asking.removeAll { $0.number == ticket }
                waiting[ticket] = nil
            }
            throw error
        }
        return ticket
    }

    /// Nobody waits for the answer any more. An answer that is on its way to the loop already still comes.
    func cancel(_ ticket: UInt64) {
        // Released outside of the lock: it may hold anything.
        _ = locked { waiting.removeValue(forKey: ticket) }
    }

    /// The loop closes.
    func cancelAll(of loop: Loop) {
        _ = locked {
            let gone = waiting.filter { $0.value.loop === loop }
            for ticket in gone.keys { waiting[ticket] = nil }
            return gone
        }
    }

    private func end(_ number: UInt64, _ answer: Answer) {
        locked {
            guard let place = asking.firstIndex(where: { $0.number == number }) else { return }
            for ticket in asking.remove(at: place).tickets {
                guard let entry = waiting.removeValue(forKey: ticket) else { continue }
                // Under the lock, so that a loop cannot close between the two. Only the loop's thread touches the closure again.
                nonisolated(unsafe) let found = entry.found
                entry.loop.post { found(answer) }
            }
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        uv_mutex_lock(mutex)
        defer { uv_mutex_unlock(mutex) }
        return body()
    }

    /// Asks the system. IPv4 addresses come first.
    private static func ask(_ host: String, _ port: UInt16) -> Answer {
        var hints = addrinfo()
        hints.ai_socktype = SocketCalls.stream
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0, let list else { return .failure(UVError(Self.code(status), in: "getaddrinfo")) }
        defer { freeaddrinfo(list) }
        var four: [SocketAddress] = []
        var six: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let entry = next {
            if let address = SocketAddress(entry.pointee) {
                if address.family == AF_INET { four.append(address) } else { six.append(address) }
            }
            next = entry.pointee.ai_next
        }
        return .success(four + six)
    }

    /// libuv's number for one of `getaddrinfo`.
    private static func code(_ status: Int32) -> Int32 {
        switch status {
        case EAI_AGAIN: UV_EAI_AGAIN.rawValue
        case EAI_NONAME: UV_EAI_NONAME.rawValue
        case EAI_MEMORY: UV_EAI_MEMORY.rawValue
        case EAI_SYSTEM: -errno
        default: UV_EAI_FAIL.rawValue
        }
    }
}
