// The tokens of a running router: made, revoked, kept in their file, and what follows for the sessions that have shown them.
// Must not decide what a token is worth; `TokenGate` does. Nothing here waits for a disk.

import Admin
import ButtplugServer
import Guard
import Host
import Logging
import Platform
import UV
import UVHost

/// Keeps tokens. Everything happens on the host's thread.
final class TokenKeeper: AdminTokens {
    /// For the listeners.
    let gate: TokenGate
    private let host: UVHost
    private let server: ButtplugServer
    private let clock: Ticker
    private let file: TokenFile?
    private var writer: TokenWriter?
    /// What waits for the disk; the first is under way while `isWriting`.
    private var waiting: [Work] = []
    private var isWriting = false
    /// The file has a token that was revoked.
    private var owesFile = false
    private var retryAt = Instant.never
    private var entropy = Entropy()
    /// As they are in force.
    private var ownRules: [String: TokenGrant]
    /// How many tokens there may be.
    var limit: Int
    var logger: Logger
    /// Where an app can connect by itself: no proxy, and no server or device that dials in.
    var addresses: [String] = []
    /// The own rules of tokens have changed.
    var onRulesChanged: () -> Void = {}

    private enum Work {
        case add(Token, TokenSecret, (Result<NewToken, TokenRefusal>) -> Void)
        case keep((String?) -> Void)
    }

    /// Requests that may wait for the disk.
    private static let waitingMax = 64
    private static let retry = Interval.seconds(10)

    /// - Parameters:
    ///   - table: Those of the configuration, and those that an earlier router left.
    ///   - file: nil when nothing is kept.
    init(_ table: TokenTable, _ file: TokenFile?, limit: Int, on host: UVHost, _ server: ButtplugServer, _ logger: Logger) {
        gate = TokenGate(table, wall: { WallTime(milliseconds: WallClock.milliseconds) }) { [unowned server] in
            server.sessionCount(ofToken: $0)
        }
        self.host = host
        self.server = server
        self.file = file
        self.limit = limit
        self.logger = logger
        ownRules = Self.ownRules(table)
        _ = PasteAddress.computerName
        clock = Ticker(on: host, every: .seconds(1))
        clock.onTick = { [unowned self] in tick() }
        writer = file.map { file in
            nonisolated(unsafe) weak let me = self
            return TokenWriter(file) { [loop = host.loop] reason in loop.post { me?.written(reason) } }
        }
        clock.isWanted = gate.table.haveEnds
    }

    // MARK: The operator

    var views: [TokenView] { gate.views }
    var time: WallTime { gate.time }

    /// A token counts once the disk has it.
    func add(_ wish: TokenWish, _ answer: @escaping (Result<NewToken, TokenRefusal>) -> Void) {
        let wall = time
        let isComing = waiting.contains { if case .add(let token, _, _) = $0 { token.name == wish.name } else { false } }
        let refusal = isComing ? .exists(wish.name) : gate.table.refusal(ofName: wish.name, limit: limit, at: wall)
        if let refusal { return later { answer(.failure(refusal)) } }
        guard waiting.count < Self.waitingMax else {
            return later { answer(.failure(.notKept("too many requests wait for the disk: try again in a moment"))) }
        }
        let secret = makeSecret()
        waiting.append(.add(wish.token(secret.digest, at: wall), secret, answer))
        work()
    }

    func makeSecret() -> TokenSecret { TokenSecret(entropy.bytes(TokenSecret.byteCount)) }

    /// A token that is revoked counts no more, also while the disk does not take that.
    func revoke(_ name: String, _ answer: @escaping (Result<TokenView, TokenRefusal>) -> Void) {
        let view = gate.table[name].map { gate.view($0) }
        do throws(TokenRefusal) {
            follow(try gate.revoke(name, at: host.now))
            logger.notice("token revoked", metadata: ["token": .string(name), "sessions": "\(view?.sessions ?? 0)"])
        } catch {
            return later { answer(.failure(error)) }
        }
        guard let view else { return }
        waiting.append(
            .keep { reason in
                guard let reason else { return answer(.success(view)) }
                answer(.failure(.notKept("token \(name) is revoked now, but after a restart it would count again: \(reason)")))
            })
        work()
    }

    /// The configuration was read again.
    func configured(_ tokens: [Token], limit: Int) {
        self.limit = limit
        follow(gate.setConfigured(tokens, at: host.now))
        warnOfNames()
    }

    /// A name that both the configuration and the file have is the configuration's.
    func warnOfNames() {
        for token in gate.table.made where gate.table.isConfigured(token.name) {
            logger.warning(
                "a token does not count: the configuration has another one of this name",
                metadata: ["token": .string(token.name), "file": .string(file?.path ?? "")])
        }
    }

    // MARK: What follows

    private static func ownRules(_ table: TokenTable) -> [String: TokenGrant] {
        Dictionary(table.tokens.compactMap { token in token.grant.map { (token.name, $0) } }, uniquingKeysWith: { first, _ in first })
    }

    private func follow(_ effects: [TokenEffect]) {
        for effect in effects {
            switch effect {
            case .revoked(let name): server.revoke(token: name)
            case .ends(let name, let instant): server.tokenEnds(name, at: instant)
            }
        }
        // After the sessions have ended: nobody gets other rights by it.
        let rules = Self.ownRules(gate.table)
        if rules != ownRules {
            ownRules = rules
            onRulesChanged()
        }
        clock.isWanted = gate.table.haveEnds || owesFile
    }

    private func tick() {
        let effects = gate.look(at: host.now)
        if !effects.isEmpty {
            logger.notice("the clock was set: the ends of tokens move with it")
            follow(effects)
        }
        guard owesFile, waiting.isEmpty, host.now >= retryAt else { return }
        waiting.append(.keep { _ in })
        work()
    }

    /// Answers in a later turn: the one who asks is still busy with the question.
    private func later(_ body: @escaping () -> Void) {
        nonisolated(unsafe) let body = body
        host.loop.post { body() }
    }

    // MARK: The disk

    private func work() {
        guard !isWriting, let first = waiting.first else { return }
        isWriting = true
        guard let writer else { return later { [self] in written(nil) } }
        if case .add(let token, _, _) = first {
            writer.write(TokenDocument.encoded(gate.table.made(with: token, limit: limit, at: time)))
        } else {
            writer.write(TokenDocument.encoded(gate.table.made))
        }
    }

    private func written(_ reason: String?) {
        isWriting = false
        switch waiting.removeFirst() {
        case .add(let token, let secret, let answer):
            if let reason {
                answer(.failure(.notKept("token \(token.name) is not made: \(reason)")))
            } else {
                follow(gate.setMade(gate.table.made(with: token, limit: limit, at: time), at: host.now))
                logger.notice(
                    "token made",
                    metadata: ["token": .string(token.name), "expires": .string(token.expires?.description ?? "never")])
                if file == nil {
                    logger.warning("the token is not kept: it ends with this process", metadata: ["reason": "there is no state file"])
                }
                answer(.success(NewToken(gate.view(token), secret, at: addresses)))
            }
        case .keep(let answer):
            if let reason, !owesFile { logger.error("a revoked token is still in its file", metadata: ["reason": .string(reason)]) }
            owesFile = reason != nil
            retryAt = host.now + Self.retry
            clock.isWanted = gate.table.haveEnds || owesFile
            answer(reason)
        }
        work()
    }

    /// No more looks at the clock.
    func close() { clock.close() }

    /// Waits for the disk, but no longer than this.
    func finish(withinMilliseconds patience: UInt64) {
        let isOwed = owesFile || waiting.contains { if case .keep = $0 { true } else { false } }
        writer?.finish(isOwed ? TokenDocument.encoded(gate.table.made) : nil, withinMilliseconds: patience)
    }
}
