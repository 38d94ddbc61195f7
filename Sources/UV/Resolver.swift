// Names become addresses, each on a thread of its own that nobody has to wait for: neither its loop nor the end of the process.
// Must not know what the addresses are for.

import CUV
import LibC
import Synchronization

/// The look-ups under way, of all loops.
///
/// libuv's own cannot be given up once they run, and its threads are joined when the process ends: a name server that is silent for half
/// a minute would hold up both.
final class Resolver: Sendable {
    typealias Answer = Result<[SocketAddress], UVError>
    typealias Found = (Answer) -> Void
    typealias LookUp = @Sendable (_ host: String, _ port: UInt16) -> Answer

    /// One whose answer is waited for. Only the loop's thread calls `found`.
    private struct Entry: @unchecked Sendable {
        let loop: Loop
        let found: Found
    }

    /// A thread that asks, and those who want its answer.
    private struct Asking {
        let number: UInt64
        let name: String
        var tickets: [UInt64]
    }

    private struct State {
        var waiting: [UInt64: Entry] = [:]
        /// Threads at work, waited for or not.
        var asking: [Asking] = []
        var lastTicket: UInt64 = 0
    }

    static let shared = Resolver(threadsMax: 64, lookUp: Resolver.ask)
    /// Threads that ask for one name: one whose name server is silent takes no thread from the others, however often it is tried again.
    private static let threadsPerName = 2

    private let threadsMax: Int
    private let lookUp: LookUp
    private let state = Mutex(State())
    private let order = LockOrder()

    /// - Parameter threadsMax: Names asked for at once; one more fails and may be tried again later.
    init(threadsMax: Int, lookUp: @escaping LookUp) {
        self.threadsMax = threadsMax
        self.lookUp = lookUp
    }

    /// Looks a name up. `found` is called on the loop, in a later turn, unless `cancel` comes first.
    func start(_ host: String, _ port: UInt16, for loop: Loop, _ found: @escaping Found) throws(UVError) -> UInt64 {
        let name = "\(host):\(port)"
        let entry = Entry(loop: loop, found: found)
        let (ticket, isNew): (UInt64?, Bool) = state.withLock { state in
            order.touch()
            defer { order.touch() }
            let own = state.asking.indices.filter { state.asking[$0].name == name }
            let isNew = own.count < Self.threadsPerName
            guard !isNew || state.asking.count < threadsMax else { return (nil, false) }
            state.lastTicket += 1
            state.waiting[state.lastTicket] = entry
            if isNew {
                state.asking.append(Asking(number: state.lastTicket, name: name, tickets: [state.lastTicket]))
            } else if let newest = own.last {
                state.asking[newest].tickets.append(state.lastTicket)
            }
            return (state.lastTicket, isNew)
        }
        guard let ticket else { throw UVError(UV_EAI_AGAIN.rawValue, in: "getaddrinfo") }
        guard isNew else { return ticket }
        do throws(UVError) {
            try BackgroundThread.start { [self, lookUp] in end(ticket, lookUp(host, port)) }
        } catch {
            _ = state.withLock { state in
                order.touch()
                defer { order.touch() }
                state.asking.removeAll { $0.number == ticket }
                return state.waiting.removeValue(forKey: ticket)
            }
            throw error
        }
        return ticket
    }

    /// Nobody waits for the answer any more. An answer that is on its way to the loop already still comes.
    func cancel(_ ticket: UInt64) {
        // Released outside of the lock: it may hold anything.
        _ = state.withLock { state in
            order.touch()
            defer { order.touch() }
            return state.waiting.removeValue(forKey: ticket)
        }
    }

    /// The loop closes.
    func cancelAll(of loop: Loop) {
        _ = state.withLock { state in
            order.touch()
            defer { order.touch() }
            let gone = state.waiting.filter { $0.value.loop === loop }
            for ticket in gone.keys { state.waiting[ticket] = nil }
            return gone
        }
    }

    private func end(_ number: UInt64, _ answer: Answer) {
        state.withLock { state in
            order.touch()
            defer { order.touch() }
            guard let index = state.asking.firstIndex(where: { $0.number == number }) else { return }
            for ticket in state.asking.remove(at: index).tickets {
                guard let entry = state.waiting.removeValue(forKey: ticket) else { continue }
                // Under the lock, so that a loop cannot close between the two.
                entry.loop.post { entry.found(answer) }
            }
        }
    }

    /// Asks the system and waits for it. IPv4 addresses come first.
    static func ask(_ host: String, _ port: UInt16) -> Answer {
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
