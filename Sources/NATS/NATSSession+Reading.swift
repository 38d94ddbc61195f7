// What a session makes of the server's bytes.
// Must not know what published messages mean.

extension NATSSession {
    /// The next thing that has happened. `buffer` is what the stream brought, from `at` on, which moves past what was used; it may be
    /// empty. To be called until it says `.needMore`, before the stream's next bytes.
    public mutating func next(in buffer: UnsafeRawBufferPointer, at: inout Int, now: UInt64) -> NATSStep {
        if at < buffer.count { lastRead = now }
        while true {
            if !events.isEmpty { return .event(events.removeFirst()) }
            switch state {
            case .waiting, .over, .securing:
                // Bytes of a stream that is given up, or clear text in front of TLS.
                let isRest = at < buffer.count
                at = buffer.count
                guard isRest, state == .securing else { return .needMore }
                end(.violation(.clearAfterTLS), at: now)
                // They are of the old stream: what a new one brings comes with another call.
                continue
            default: break
            }
            let input = decoder.next(in: buffer, at: &at)
            if case .message(let message) = input {
                guard state != .connecting else {
                    end(.violation(.malformed), at: now)
                    at = buffer.count
                    continue
                }
                if message.subscription > 0, message.subscription <= settings.subscriptions.count { return .message(message) }
                continue
            }
            if case .needMore = input { return .needMore }
            let connection = connectionsEnded
            take(input, isLast: at >= buffer.count, now)
            // A connection that has ended takes the rest of its bytes with it.
            if connectionsEnded != connection { at = buffer.count }
        }
    }

    private mutating func take(_ input: NATSInput, isLast: Bool, _ now: UInt64) {
        switch input {
        case .info(let bytes): infoArrived(bytes, isLast: isLast, now)
        case .ping: writer.pong()
        case .pong: pongArrived(now)
        case .error(let bytes): errorArrived(String(decoding: bytes.prefix(256), as: UTF8.self), now)
        case .violation(let violation): end(.violation(violation), at: now)
        case .ok, .needMore, .message: break
        }
    }

    private mutating func infoArrived(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ now: UInt64) {
        let isFirst = state == .connecting
        let fresh: NATSInfo
        do throws(NATSViolation) { fresh = try NATSInfo(bytes) } catch { return end(.violation(error), at: now) }
        // A later one has no nonce, and need not say again what cannot change.
        info = fresh
        servers.learn(fresh.otherServers)
        if fresh.isLameDuck {
            if servers.count > 1 { return end(.lameDuck, at: now) }
            events.append(.lameDuck)
        }
        guard isFirst, let server = servers.current else { return }
        guard fresh.hasHeaders else { return end(.tooOld, at: now) }
        guard server.requiresTLS || fresh.requiresTLS else { return authenticate(at: now) }
        guard fresh.requiresTLS || fresh.offersTLS else { return end(.noTLS, at: now) }
        guard isLast else { return end(.violation(.clearAfterTLS), at: now) }
        state = .securing
        events.append(.secure(certificateName: server.certificateName))
    }

    /// Says who we are, and what we want. The server reads that in this order, so its `PONG` says that all of it counts.
    mutating func authenticate(at now: UInt64) {
        var fields: [(String, NATSConnect.Value)] = [
            ("verbose", .flag(false)), ("pedantic", .flag(false)), ("echo", .flag(false)), ("headers", .flag(true)),
            ("no_responders", .flag(true)), ("protocol", .number(1)), ("lang", .text("swift")), ("version", .text("1")),
            ("name", .text(settings.name)), ("tls_required", .flag(state == .securing)),
        ]
        switch settings.credentials {
        case .none: break
        case .password(let user, let password): fields += [("user", .text(user)), ("pass", .text(password))]
        case .key(let publicText, let sign):
            guard !info.nonce.isEmpty, let signature = sign(Array(info.nonce.utf8)) else { return end(.cannotSign, at: now) }
            fields += [("nkey", .text(publicText)), ("sig", .text(NKey.signatureText(signature)))]
        }
        state = .authenticating
        writer.connect(NATSConnect(fields))
        for (place, subject) in settings.subscriptions.enumerated() { writer.subscribe(subject, as: UInt32(place + 1)) }
        ping()
    }

    private mutating func pongArrived(_ now: UInt64) {
        guard pings > 0 else { return }
        pings -= 1
        guard pings == 0 else { return }
        switch state {
        case .authenticating:
            (state, stateEnds, openedAt) = (.open, .max, now)
            events.append(.opened)
        case .leaving: finish()
        default: break
        }
    }

    private mutating func errorArrived(_ text: String, _ now: UInt64) {
        switch NATSErrorClass(text) {
        case .denial(let denial): events.append(.denied(denial))
        case .refusal: end(.refused(text), at: now)
        case .other: events.append(.complaint(text))
        }
    }
}
