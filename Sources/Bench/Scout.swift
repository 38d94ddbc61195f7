// The first session with a server: handshake and device list, with a scan when there are no devices yet, then the end.
// Must not know profiles or loads.

import Host
import JSON
import UV

/// One short session. Reports its outcome once.
final class Scout: BenchLinkOwner {
    private enum Step { case connecting, greeting, listing, scanning, ended }

    private let loop: Loop
    private let route: BenchRoute
    private let spec: BenchSpec
    private let done: (Result<DeviceCatalog, BenchProblem>) -> Void
    private var step = Step.connecting
    private var link: BenchLink?
    private var timer: Timer?
    private var entropy = Entropy()
    private var nextID: UInt32 = 1
    private var catalog = DeviceCatalog()
    private var scanEnd: UInt64 = 0
    private var hasScanned = false
    private var outcome: Result<DeviceCatalog, BenchProblem>?

    private static let answerMilliseconds: UInt64 = 5_000
    private static let scanNanoseconds: UInt64 = 4_000_000_000
    private static let listMilliseconds: UInt64 = 100

    init(to target: BenchTarget, spec: BenchSpec, on loop: Loop, _ done: @escaping (Result<DeviceCatalog, BenchProblem>) -> Void) {
        self.loop = loop
        route = BenchRoute(to: target, on: loop)
        self.spec = spec
        self.done = done
    }

    func start() {
        do throws(UVError) { timer = try Timer(on: loop) { [unowned self] in waited() } } catch {
            return end(.failure(.system("\(error)")))
        }
        timer?.start(afterMilliseconds: Self.answerMilliseconds)
        let link = BenchLink(by: route, nonce: entropy.bytes(16), owner: self)
        self.link = link
        link.start()
    }

    func linkOpened() {
        step = .greeting
        link?.say(spec.greeting(clientName: "plugboard bench"))
    }

    func linkAnswered(_ id: UInt32, at now: UInt64) {}

    func linkReceived(_ text: UnsafeRawBufferPointer, at now: UInt64) {
        _ = ReplyReader.forEach(text) { reply in
            guard reply.id == nextID, outcome == nil else { return }
            switch (step, reply.kind) {
            case (_, .error): end(.failure(.refused(LoadClient.excerpt(text))))
            case (.greeting, .serverInfo): ask(.requestDeviceList, .listing)
            case (.listing, .deviceList): read(JSONTree(text[reply.body]), at: now)
            case (.scanning, .ok): rest()
            default: break
            }
        }
    }

    private func ask(_ wording: Wording, _ step: Step) {
        self.step = step
        nextID += 1
        link?.say(wording.text.replacingID(with: nextID))
        timer?.start(afterMilliseconds: Self.answerMilliseconds)
    }

    private func read(_ list: JSONTree?, at now: UInt64) {
        catalog = list.map { DeviceCatalog(list: $0, spec: spec) } ?? DeviceCatalog()
        if !catalog.devices.isEmpty { return leave() }
        if !hasScanned {
            hasScanned = true
            scanEnd = now + Self.scanNanoseconds
            return ask(.startScanning, .scanning)
        }
        if now >= scanEnd { return end(.failure(.noDevices(", not even after a scan"))) }
        rest()
    }

    /// Nobody knows when a scan's devices come: asks again a little later.
    private func rest() {
        step = .scanning
        timer?.start(afterMilliseconds: Self.listMilliseconds)
    }

    private func waited() {
        switch step {
        case .scanning: ask(.requestDeviceList, .listing)
        case .ended: finish()
        case .connecting:
            end(
                .failure(
                    .unreachable(url: "\(route.target.endpoint)", why: "no WebSocket answer within 5 seconds; is another client connected?")
                ))
        case .greeting, .listing: end(.failure(.refused("it does not answer within 5 seconds")))
        }
    }

    /// A server that takes one client at a time is free again when it has ended the connection.
    private func leave() {
        step = .ended
        outcome = .success(catalog)
        link?.leave()
        timer?.start(afterMilliseconds: 1_000)
    }

    func linkDrained() {}

    func linkEnded(_ why: String, isRefusal: Bool) {
        link = nil
        if step == .ended { return finish() }
        end(.failure(.unreachable(url: "\(route.target.endpoint)", why: why)))
    }

    private func end(_ outcome: Result<DeviceCatalog, BenchProblem>) {
        self.outcome = self.outcome ?? outcome
        finish()
    }

    private func finish() {
        step = .ended
        link?.close()
        link = nil
        timer?.close()
        timer = nil
        if let outcome { done(outcome) }
        outcome = nil
    }
}
