// One encrypted connection without a socket: bytes of the peer in, plain text out, plain text in, bytes for the peer out.
// Must not know sockets, time, or what the plain text means. The cryptography is libssl's.

import COpenSSL

/// One end of a TLS connection. Everything it has for the peer is in `TLSRoom.output` after each call.
public final class TLSSession {
    /// What came of a step.
    public enum Step: Equatable {
        /// More bytes of the peer are needed.
        case needMore
        /// The handshake is done; or so many bytes of plain text are there.
        case done(Int)
        /// The peer has ended its side in good order.
        case ended
        /// Nothing more can be read or written. An alert for the peer is in the output.
        case failed(TLSFailure)
    }

    private let context: TLSContext
    /// Shared memory of the thread that has the session now.
    @exclusivity(unchecked) public var room: TLSRoom
    let ssl: OpaquePointer
    /// Bytes of the peer that the library has not taken. Their memory is the caller's, from `offer` to `withdraw`.
    @exclusivity(unchecked) private var offered: UnsafeRawPointer?
    @exclusivity(unchecked) private var offeredCount = 0
    private var hasFailed = false
    private var hasClosed = false

    /// - Parameters:
    ///   - context: The certificate, or who is trusted.
    ///   - room: Shared memory of the thread.
    ///   - host: For a client: the name or address of the server, which its certificate must be for. It is sent when it is a name.
    public init(_ context: TLSContext, _ room: TLSRoom, host: String? = nil) {
        self.context = context
        self.room = room
        guard let ssl = SSL_new(context.raw), let bio = BIO_new(Self.method) else { preconditionFailure("no memory for TLS") }
        self.ssl = ssl
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        // One object is both ends; the session owns it.
        SSL_set_bio(ssl, bio, bio)
        if context.isServer { SSL_set_accept_state(ssl) } else { prepareClient(host) }
    }

    deinit {
        SSL_free(ssl)
        LibraryErrors.clear()
    }

    private func prepareClient(_ host: String?) {
        SSL_set_connect_state(ssl)
        guard let host else { return }
        let parameters = SSL_get0_param(ssl)
        let isAddress = X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
        LibraryErrors.clear()
        if !isAddress {
            _ = c_ssl_set_name(ssl, host)
            SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            guard SSL_set1_host(ssl, host) == 1 else { preconditionFailure("no memory for TLS") }
        }
    }

    // MARK: The peer's bytes

    /// Gives the library bytes of the peer. They must stay until `withdraw`.
    public func offer(_ bytes: UnsafeRawBufferPointer) {
        offered = bytes.baseAddress
        offeredCount = bytes.count
    }

    /// Ends the offer. Returns how many of its bytes were not taken.
    @discardableResult
    public func withdraw() -> Int {
        defer {
            offered = nil
            offeredCount = 0
        }
        return offeredCount
    }

    // MARK: Steps

    /// Takes the handshake as far as it goes.
    public func handshake() -> Step {
        if hasFailed { return .needMore }
        // What is left in the queue would be taken for this call's.
        LibraryErrors.clear()
        let result = SSL_do_handshake(ssl)
        return result == 1 ? .done(0) : outcome(result)
    }

    /// Decrypts one record at most into `plain`, which must have room for one: `TLSRoom.recordBytes`.
    public func read(into plain: UnsafeMutableRawBufferPointer) -> Step {
        if hasFailed { return .needMore }
        LibraryErrors.clear()
        let result = SSL_read(ssl, plain.baseAddress, Int32(clamping: plain.count))
        return result > 0 ? .done(Int(result)) : outcome(result)
    }

    /// Whether bytes are there that `read` has not looked at, so that it may find more.
    public var mayHoldMore: Bool { offeredCount > 0 || SSL_has_pending(ssl) == 1 }

    /// Encrypts, once the handshake is done. Returns false when it cannot: the session has failed, before or now.
    public func write(_ plain: UnsafeRawBufferPointer) -> Bool {
        if hasFailed { return false }
        if hasClosed || plain.isEmpty { return true }
        LibraryErrors.clear()
        let result = SSL_write(ssl, plain.baseAddress, Int32(clamping: plain.count))
        if result > 0 { return true }
        _ = outcome(result)
        return false
    }

    /// Tells the peer that nothing more will come.
    public func close() {
        guard !hasFailed, !hasClosed, SSL_is_init_finished(ssl) == 1 else { return }
        hasClosed = true
        SSL_shutdown(ssl)
        LibraryErrors.clear()
    }

    private func outcome(_ result: Int32) -> Step {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needMore
        case SSL_ERROR_ZERO_RETURN:
            LibraryErrors.clear()
            return .ended
        default:
            hasFailed = true
            return .failed(LibraryErrors.failure(of: ssl))
        }
    }

    // MARK: What was agreed

    /// The name in the peer's certificate, as RFC 2253 writes it ("CN=tablet,O=Home"), where one was shown and is trusted.
    public var peerName: String? {
        guard let certificate = SSL_get0_peer_certificate(ssl), SSL_get_verify_result(ssl) == Int(X509_V_OK) else { return nil }
        guard let text = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(text) }
        c_name_print(text, X509_get_subject_name(certificate))
        var bytes: UnsafeMutablePointer<CChar>?
        let count = c_bio_bytes(text, &bytes)
        return bytes.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: count), as: UTF8.self) }
    }

    // MARK: The library's side

    /// What the library reads from and writes to, in place of a socket.
    private nonisolated(unsafe) static let method: OpaquePointer = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "plugboard") else {
            preconditionFailure("no memory for TLS")
        }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        BIO_meth_set_read(method) { bio, memory, count in
            guard let bio, let memory else { return -1 }
            return Unmanaged<TLSSession>.fromOpaque(BIO_get_data(bio))._withUnsafeGuaranteedRef { $0.give(memory, count, bio) }
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bio, let bytes, count > 0 else { return 0 }
            return Unmanaged<TLSSession>.fromOpaque(BIO_get_data(bio))._withUnsafeGuaranteedRef {
                $0.room.append(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                return count
            }
        }
        return method
    }()

    private func give(_ memory: UnsafeMutablePointer<CChar>, _ count: Int32, _ bio: OpaquePointer) -> Int32 {
        c_bio_clear(bio)
        guard let source = offered, offeredCount > 0 else {
            c_bio_want_read(bio)
            return -1
        }
        let taken = min(Int(count), offeredCount)
        UnsafeMutableRawPointer(memory).copyMemory(from: source, byteCount: taken)
        offered = source + taken
        offeredCount -= taken
        return Int32(taken)
    }
}
