// The path of an `OutputCmd`, text in to `Ok` out, takes no memory once it is warm.
// Must not count what other tests do meanwhile: objects are counted on this test's thread only. Buffers that are no objects only
// ever double, so they cannot hide a cost per message.

import Buttplug
import Glibc
import Host
import Router
import Synchronization
import Testing

/// Counts the objects that the Swift runtime makes on one thread, through the hook that it has for measuring tools.
private enum ObjectCounter {
    typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

    static let count = Atomic<Int>(0)
    static let thread = Atomic<UInt>(0)
    nonisolated(unsafe) static var original: Allocate?

    /// How many objects `body` makes, or nil when this runtime cannot be asked.
    static func objects(madeBy body: () -> Void) -> Int? {
        let here: UnsafeMutableRawPointer? = nil  // RTLD_DEFAULT
        guard let hook = dlsym(here, "_swift_allocObject"),
            let isOn = dlsym(here, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")
        else { return nil }
        let place = hook.assumingMemoryBound(to: Allocate.self)
        original = place.pointee
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        count.store(0, ordering: .relaxed)
        place.pointee = { type, size, alignment in
            if UInt(pthread_self()) == ObjectCounter.thread.load(ordering: .relaxed) { ObjectCounter.count.add(1, ordering: .relaxed) }
            return ObjectCounter.original?(type, size, alignment)
        }
        isOn.storeBytes(of: 1, as: UInt8.self)
        body()
        isOn.storeBytes(of: 0, as: UInt8.self)
        place.pointee = original ?? place.pointee
        return count.load(ordering: .relaxed)
    }
}

private final class AnsweringBackend: Backend {
    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, for owner: any BackendOwner, at now: Instant) {
        for write in writes { owner.answered(ticket: write.ticket, ok: true, at: now) }
    }
    func handle(_ request: BackendRequest, for owner: any BackendOwner, at now: Instant) {}
    var deadline: Instant { .never }
    func deadlinePassed(for owner: any BackendOwner, at now: Instant) {}
    func turnEnded(at now: Instant) {}
}

@Suite(.serialized) struct AllocationTests {
    private let host = TestHost()
    private let backend = AnsweringBackend()
    private let runner: RouterRunner
    private var links: [MemoryLink] = []
    private var ids: [LinkID] = []

    init() {
        runner = RouterRunner(RouterSettings(), backends: [backend], host: host)
        runner.happened(.appeared(0, .twoMotors()), from: backend, at: host.now)
        for number in 0..<4 {
            let link = MemoryLink()
            link.keeps = false
            links.append(link)
            ids.append(runner.opened(link, from: Peer(address: "127.0.0.1", listener: "l"), at: host.now))
            let hello =
                #"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(number)","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
            let text = Array(hello.utf8)
            runner.received(text.span.bytes, from: ids[number], at: host.now)
        }
        host.turn()
    }

    /// Turns of `perTurn` commands per session, as texts made beforehand.
    private func run(_ turns: Int, _ perTurn: Int, _ texts: [[UInt8]]) {
        var next = 0
        for _ in 0..<turns {
            host.advance(by: .milliseconds(1))
            for id in ids {
                for _ in 0..<perTurn {
                    texts[next].withUnsafeBytes { runner.received(RawSpan(_unsafeBytes: $0), from: id, at: host.now) }
                    next = next + 1 == texts.count ? 0 : next + 1
                }
            }
            runner.turnEnded(at: host.now)
        }
    }

    @Test("commands in steady state make no object, whether one or sixteen come in a turn", arguments: [1, 16])
    func steadyState(_ perTurn: Int) throws {
        let texts = (0..<997).map { n in
            Array(TestRouter.output(n + 2, 0, n % 2, "Vibrate", n * 7 % 101).utf8)
        }
        run(500, perTurn, texts)
        let before = links[0].bytes
        let made = try #require(ObjectCounter.objects { run(1_000, perTurn, texts) })
        #expect(links[0].bytes > before + 1_000 * perTurn * 20)
        #expect(made == 0)
    }

    @Test("the counter counts: an array made between the commands is an object") func counts() throws {
        let text = Array(TestRouter.output(2, 0, 0, "Vibrate", 50).utf8)
        let texts = [text]
        run(10, 1, texts)
        var sizes = 0
        let made = try #require(
            ObjectCounter.objects {
                run(1, 1, texts)
                sizes += [UInt8](repeating: 0, count: Int.random(in: 100...200)).count
            })
        #expect(sizes >= 100)
        #expect(made == 1)
    }
}
