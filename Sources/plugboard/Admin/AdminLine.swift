// One connection of a command to a router's admin interface, with or without TLS. It waits, as a command may.
// Must not know what is asked.

import Platform
import TLS
import UV

/// Which certificates a command believes, and the operator's token that it shows.
struct AdminCredentials {
    /// A file of authorities in PEM; nil: those of the system.
    var authorities: String?
    /// A file with the token alone.
    var tokenFile: String?

    /// Why a request over TLS cannot be made with them; nil when it can.
    var problem: String? {
        do throws(AdminTrouble) {
            _ = try context()
            _ = try field()
            return nil
        } catch { return error.words }
    }

    func context() throws(AdminTrouble) -> TLSContext {
        do throws(TLSProblem) { return try TLSContext.client(authorities: authorities) } catch { throw .refused(error.file, error.reason) }
    }

    /// The header field with the token.
    func field() throws(AdminTrouble) -> String {
        guard let tokenFile else { return "" }
        let secret: String
        do throws(Refusal) { secret = try ConfiguredTokens.secret(in: tokenFile) } catch {
            throw .refused("--token-file", "the token \(error.reason)")
        }
        return "Authorization: Bearer \(secret)\r\n"
    }
}

/// A connected stream of plain text.
final class AdminLine {
    let socket: LocalSocket
    private let address: String
    private var session: TLSSession?
    /// Bytes of the peer that the session has not taken.
    private var pending: [UInt8] = []
    private var hasEnded = false

    init(_ socket: LocalSocket, _ address: String) {
        self.socket = socket
        self.address = address
    }

    /// Makes the handshake.
    /// - Parameters:
    ///   - context: Who is trusted.
    ///   - host: The name or address that the certificate must be for.
    func secure(_ context: TLSContext, host: String) throws(AdminTrouble) {
        let session = TLSSession(context, TLSRoom(), host: host)
        self.session = session
        while true {
            let step = offering(session) { session.handshake() }
            // What came of it is said before an alert fails to go out.
            if case .failed(let failure) = step {
                try? flush(session)
                throw .refused(address, Self.words(failure))
            }
            try flush(session)
            if step == .done(0) { return }
            let more = try receive()
            if more.isEmpty { throw .refused(address, Self.words(.hungUp)) }
            pending += more
        }
    }

    /// Writes all of it.
    func write(_ text: String) throws(AdminTrouble) {
        let bytes = Array(text.utf8)
        guard let session else { return try send(bytes) }
        guard bytes.withUnsafeBytes(session.write) else { throw .brokenOff(address) }
        try flush(session)
    }

    /// What is there, or waits for it: empty where only a part of a record came, nil at the end.
    func read() throws(AdminTrouble) -> [UInt8]? {
        if hasEnded { return nil }
        let more = try receive()
        guard let session else { return more.isEmpty ? nil : more }
        // Somebody on the way can end a connection, but not in good order.
        if more.isEmpty { throw .brokenOff(address) }
        pending += more
        var plain: [UInt8] = []
        var room = [UInt8](repeating: 0, count: TLSRoom.recordBytes)
        let last = offering(session) {
            while true {
                let step = room.withUnsafeMutableBytes { session.read(into: $0) }
                guard case .done(let count) = step else { return step }
                plain += room[..<count]
            }
        }
        try flush(session)
        switch last {
        case .failed(let failure): throw .refused(address, Self.words(failure))
        case .ended:
            hasEnded = true
            return plain.isEmpty ? nil : plain
        default: return plain
        }
    }

    // MARK: Parts

    /// Runs a step with the peer's bytes, and keeps those that it has not taken.
    private func offering(_ session: TLSSession, _ step: () -> TLSSession.Step) -> TLSSession.Step {
        let result = pending.withUnsafeBytes { bytes in
            session.offer(bytes)
            let result = step()
            return (result, session.withdraw())
        }
        pending.removeFirst(pending.count - result.1)
        return result.0
    }

    private func flush(_ session: TLSSession) throws(AdminTrouble) {
        let bytes = Array(session.room.output)
        session.room.removeOutput()
        if !bytes.isEmpty { try send(bytes) }
    }

    private func send(_ bytes: [UInt8]) throws(AdminTrouble) {
        do throws(UVError) { try socket.write(bytes) } catch { throw .refused(address, error.sentence) }
    }

    private func receive() throws(AdminTrouble) -> [UInt8] {
        do throws(UVError) { return try socket.read() } catch { throw .refused(address, error.sentence) }
    }

    private static func words(_ failure: TLSFailure) -> String {
        switch failure {
        case .unknownIssuer: "\(failure.words): name a file with its authority with --ca-file"
        case .wrongName: "\(failure.words): use a name that the certificate has, or make one for this name"
        case .notTLS: "\(failure.words): is it an http:// address?"
        default: failure.words
        }
    }
}
