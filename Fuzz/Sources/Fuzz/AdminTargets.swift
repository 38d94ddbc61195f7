// Requests of the admin interface, from bytes to the answer's bytes, on a router that runs.

import COracles
import HTTP
import Host
import JSON

@testable import Admin
@testable import Buttplug
@testable import Guard
@testable import Router

extension FuzzTarget {
    static let admin: [FuzzTarget] = [
        // The first byte: through the socket or the port.
        FuzzTarget(name: "admin") { bytes in
            let (choice, rest) = bytes.chosen
            let scene = Scene()
            for number in 0..<2 { scene.say(Array(handshake(.v4).utf8), number) }
            let target = SceneAdmin(scene)
            let service = AdminService(target)
            var later: [HTTPResponse] = []
            service.onLater = { later.append($1) }
            var reader = HTTPRequestReader()
            rest.exactly { buffer in
                var at = 0
                while at < buffer.count {
                    let (step, used) = reader.read(UnsafeRawBufferPointer(rebasing: buffer[at...]))
                    at += used
                    guard case .request(let request) = step else { continue }
                    switch service.answer(request, from: AdminOrigin(isUnix: choice & 1 == 0)) {
                    case .response(let response): check(response, request)
                    case .events(let response, _): must(response.isStream && response.status == 200, "a stream that is none")
                    case .later: break
                    }
                    scene.settle()
                }
            }
            for response in later { check(response, HTTPRequest("GET", "/")) }
            must(choice & 1 == 0 || target.keeper.made.isEmpty, "a token was made through the port")
            scene.end()
        }
    ]

    private static func check(_ response: HTTPResponse, _ request: HTTPRequest) {
        must((200..<600).contains(response.status), "status \(response.status)")
        must(response.status != 500, "an answer of 500")
        let type = response.fields.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        if type.contains("json"), !response.body.isEmpty {
            must(
                oracle_json(response.body, response.body.count) == 1,
                "an answer that is not JSON: \(String(decoding: response.body, as: UTF8.self))")
        }
        must(response.fields.allSatisfy { !$0.value.utf8.contains { $0 < 0x20 || $0 == 0x7F } }, "a control character in a header")
    }
}

/// The router of a scene, as the admin interface sees it.
private final class SceneAdmin: AdminTarget {
    private let scene: Scene
    let keeper = SceneTokens()
    init(_ scene: Scene) { self.scene = scene }

    private var runner: RouterRunner { scene.runner }
    let identity = AdminIdentity(name: "fuzzed", version: "0", commit: "", pid: 0, startedAt: .zero)
    let listeners = ["ws://127.0.0.1:12345"]
    let backends = ["known"]
    let configuration = ""
    let rules: [String] = []
    var tokens: (any AdminTokens)? { keeper }
    var now: Instant { scene.host.now }
    var snapshot: RouterSnapshot { runner.snapshot }
    var outline: RouterSnapshot { runner.outline }
    var summary: RouterSummary { runner.summary }
    var figures: AdminFigures { AdminFigures(runner.figures) }
    var rememberedConsents: [RememberedConsent] { runner.rememberedConsents }
    func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges { runner.look(&watch, scope) }
    func lookAtLevels(_ watch: inout LevelWatch) { runner.lookAtLevels(&watch) }
    func upstreams(in summary: RouterSummary) -> [UpstreamStatus] { [] }
    func count(_ verdict: Verdict) -> UInt64 { runner.count(verdict) }
    func count(_ reason: CloseReason) -> UInt64 { runner.count(reason) }
    func session(_ id: LinkID) -> SessionSnapshot? { runner.session(id) }
    func raiseEmergencyStop() { runner.raiseEmergencyStop() }
    func clearEmergencyStop() { runner.clearEmergencyStop() }
    func kick(_ id: LinkID) { runner.kick(id) }
    func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool { runner.patch(id, patch) }
    func stopDevice(_ index: UInt32) -> Bool { runner.stopDevice(index) }
    func setOperatorScan(_ isWanted: Bool) { runner.setOperatorScan(isWanted) }
    func answerConsent(_ id: LinkID, _ answer: ConsentAnswer) -> Bool { runner.answerConsent(id, answer) }
    func forgetConsents() { runner.forgetConsents() }
    func reload(_ answer: @escaping (ReloadOutcome) -> Void) { answer(.applied(later: [])) }
}

/// Tokens in memory.
private final class SceneTokens: AdminTokens {
    private(set) var made: [Token] = []
    let time = WallTime(milliseconds: 1_800_000_000_000)
    var views: [TokenView] { made.map { TokenView($0, isConfigured: false, sessions: 0, at: time) } }

    func makeSecret() -> TokenSecret { TokenSecret([UInt8](repeating: 8, count: TokenSecret.byteCount)) }

    func add(_ wish: TokenWish, _ answer: @escaping (Result<NewToken, TokenRefusal>) -> Void) {
        let secret = TokenSecret([UInt8](repeating: UInt8(made.count & 0xFF), count: TokenSecret.byteCount))
        guard !made.contains(where: { $0.name == wish.name }) else { return answer(.failure(.exists(wish.name))) }
        made.append(wish.token(secret.digest, at: time))
        answer(
            .success(
                NewToken(
                    view: views[made.count - 1], secret: secret, addresses: ["ws://127.0.0.1:1/?token=\(secret.text)"], codes: [],
                    warning: nil)))
    }

    func revoke(_ name: String, _ answer: @escaping (Result<TokenView, TokenRefusal>) -> Void) {
        guard let index = made.firstIndex(where: { $0.name == name }) else { return answer(.failure(.unknown(name))) }
        answer(.success(views[index]))
        made.remove(at: index)
    }
}
