// The path of an `OutputCmd`, from the text to `Ok`, allocates no memory after the warm-up.
// Must not disturb other tests: the runtime's hook is for a whole process, so the counting runs in a process of its own. Buffers that
// are not objects only double, so they cannot hide a cost per message.

import Buttplug
import Foundation
import Host
import Router
import Testing

/// Counts the objects that the Swift runtime makes, through the hook that it has for measuring tools.
private enum ObjectCounter {
    typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

    nonisolated(unsafe) static var count = 0
    nonisolated(unsafe) static var thread: pthread_t = 0
    nonisolated(unsafe) static var original: Allocate?

    /// How many objects `body` makes on this thread, or nil when this runtime cannot be asked.
    static func objects(madeBy body: () -> Void) -> Int? {
        let everywhere: UnsafeMutableRawPointer? = nil
        guard let hook = dlsym(everywhere, "_swift_allocObject"),
            let isOn = dlsym(everywhere, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")
        else { return nil }
        let index = hook.assumingMemoryBound(to: Allocate.self)
        original = index.pointee
        thread = pthread_self()
        count = 0
        index.pointee = { type, size, alignment in
            if pthread_self() == ObjectCounter.thread { ObjectCounter.count += 1 }
            return ObjectCounter.original?(type, size, alignment)
        }
        isOn.storeBytes(of: 1, as: UInt8.self)
        body()
        isOn.storeBytes(of: 0, as: UInt8.self)
        index.pointee = original ?? index.pointee
        return count
    }
}

private final class AnsweringBackend: Backend {
    private weak var owner: (any BackendOwner)?

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) { self.owner = owner }
    func stop(at now: Instant) {}
    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for write in writes { owner?.answered(ticket: write.ticket, .done, at: now) }
    }
    func handle(_ request: BackendRequest, at now: Instant) {}
    var deadline: Instant { .never }
    func report(at now: Instant) {}
    func turnEnded(at now: Instant) {}
}

/// Four sessions and a device that answers at once.
private struct WarmRouter {
    private let host = TestHost()
    private let backend = AnsweringBackend()
    private let runner: RouterRunner
    private var links: [MemoryLink] = []
    private var ids: [LinkID] = []
    private let texts = (0..<997).map { Array(TestRouter.output($0 + 2, 0, $0 % 2, "Vibrate", $0 * 7 % 101).utf8) }

    init() {
        runner = RouterRunner(RouterSettings(), backends: [backend], host: host)
        runner.happened(.appeared(0, .twoMotors()), from: 0, at: host.now)
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

    /// The number of bytes sent to the sessions.
    var bytes: Int { links.reduce(0) { $0 + $1.bytes } }

    /// Turns of `perTurn` commands per session, from texts made beforehand.
    func run(_ turns: Int, _ perTurn: Int) {
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
}

@Suite struct AllocationTests {
    private static let isCounting = ProcessInfo.processInfo.environment["PLUGBOARD_COUNTS_OBJECTS"] != nil

    @Test("commands in steady state make no object, with one or sixteen in a turn; and the counter counts")
    func steadyState() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "AllocationTests/counted"]
        process.environment = ProcessInfo.processInfo.environment.merging(["PLUGBOARD_COUNTS_OBJECTS": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
        #expect(said.contains("objects made: one 0, sixteen 0, by an array 1"), "\(said)")
    }

    @Test("what the test above starts in its own process", .enabled(if: isCounting)) func counted() throws {
        let router = WarmRouter()
        router.run(500, 1)
        router.run(500, 16)
        let before = router.bytes
        let one = try #require(ObjectCounter.objects { router.run(1_000, 1) })
        let sixteen = try #require(ObjectCounter.objects { router.run(1_000, 16) })
        var sizes = 0
        let array = try #require(ObjectCounter.objects { sizes += [UInt8](repeating: 0, count: Int.random(in: 100...200)).count })
        #expect(router.bytes > before + 4 * 17 * 1_000 * 20)
        #expect(sizes >= 100)
        print("objects made: one \(one), sixteen \(sixteen), by an array \(array)")
    }
}
