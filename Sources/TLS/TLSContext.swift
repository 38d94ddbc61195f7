// What all connections of one listener, or of one kind of dial, share: certificate, key, who is trusted, which versions.
// Must not know connections; a session takes one and keeps it for its life.

import COpenSSL

/// The settings of encrypted connections. Immutable once made, so any thread may hold it.
public final class TLSContext: @unchecked Sendable {
    let raw: OpaquePointer
    let isServer: Bool
    /// When the certificate's time is over, or that of one after it in its file, the earlier of them; in seconds since 1970. nil for a
    /// client.
    public let expires: Int64?
    /// When the first of the authorities for clients' certificates ends, in seconds since 1970; nil where clients are not asked.
    public let clientAuthoritiesExpire: Int64?

    private init(_ raw: OpaquePointer, isServer: Bool, expires: Int64?, clientAuthoritiesExpire: Int64? = nil) {
        self.raw = raw
        self.isServer = isServer
        self.expires = expires
        self.clientAuthoritiesExpire = clientAuthoritiesExpire
    }

    deinit { SSL_CTX_free(raw) }

    /// The files of a server, and what it demands.
    public struct ServerFiles: Hashable, Sendable {
        /// The certificate in PEM, with those between it and the authority after it.
        public var certificate: String
        /// The certificate's key in PEM, without a passphrase.
        public var key: String
        /// The authorities, in PEM, whose certificates clients may show; nil: clients are not asked.
        public var clientAuthorities: String?
        /// The lowest version.
        public var lowest: TLSVersion

        public init(certificate: String, key: String, clientAuthorities: String? = nil, lowest: TLSVersion = .v12) {
            self.certificate = certificate
            self.key = key
            self.clientAuthorities = clientAuthorities
            self.lowest = lowest
        }
    }

    /// Reads the files. Blocks on the disk: not to be called where nothing may wait.
    /// - Parameters:
    ///   - files: The files.
    ///   - now: The time, in seconds since 1970.
    /// - Throws: What is wrong, with the file: unreadable, not PEM, a key of another certificate, expired.
    public static func server(_ files: ServerFiles, now: Int64) throws(TLSProblem) -> TLSContext {
        let raw = make(TLS_server_method(), files.lowest)
        do throws(TLSProblem) {
            let expires = try loadPair(files, now, into: raw)
            var clientsExpire: Int64?
            if let path = files.clientAuthorities {
                try askClients(path, raw)
                clientsExpire = firstEnd(in: path)
            }
            SSL_CTX_set_alpn_select_cb(raw, selectProtocol, nil)
            SSL_CTX_set_num_tickets(raw, 0)
            LibraryErrors.clear()
            return TLSContext(raw, isServer: true, expires: expires, clientAuthoritiesExpire: clientsExpire)
        } catch {
            SSL_CTX_free(raw)
            throw error
        }
    }

    /// For connections to servers. Blocks on the disk, once.
    /// - Parameters:
    ///   - authorities: A file of authorities in PEM, instead of the system's.
    ///   - isVerified: false trusts every certificate, so that anybody between the two can read and change everything.
    /// - Throws: What is wrong with the file.
    public static func client(authorities: String? = nil, isVerified: Bool = true) throws(TLSProblem) -> TLSContext {
        let raw = make(TLS_client_method(), .v12)
        do throws(TLSProblem) {
            if isVerified {
                SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
                if let path = authorities { try trust(path, raw) } else { SSL_CTX_set_default_verify_paths(raw) }
            }
            LibraryErrors.clear()
            SSL_CTX_set_alpn_protos(raw, protocols.baseAddress, UInt32(protocols.count))
            return TLSContext(raw, isServer: false, expires: nil)
        } catch {
            SSL_CTX_free(raw)
            throw error
        }
    }

    // MARK: Making

    /// "http/1.1" as ALPN writes it. It stays where it is: the library keeps an address of it for a while.
    private nonisolated(unsafe) static let protocols: UnsafeBufferPointer<UInt8> = {
        let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 9)
        _ = room.initialize(from: [8] + Array("http/1.1".utf8))
        return UnsafeBufferPointer(room)
    }()

    private static func make(_ method: OpaquePointer?, _ lowest: TLSVersion) -> OpaquePointer {
        guard let raw = SSL_CTX_new(method) else { preconditionFailure("no memory for TLS") }
        SSL_CTX_set_options(raw, c_ssl_options())
        c_ssl_set_mode(raw)
        c_ssl_cache_off(raw)
        _ = c_ssl_set_min_version(raw, lowest == .v13 ? TLS1_3_VERSION : TLS1_2_VERSION)
        // Of TLS 1.2 only what is forward secret and authenticates what it encrypts. Those of 1.3 all do.
        SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20")
        // A key with a passphrase is refused; without this the library asks on the terminal.
        SSL_CTX_set_default_passwd_cb(raw) { _, _, _, _ in 0 }
        LibraryErrors.clear()
        return raw
    }

    private static func loadPair(_ files: ServerFiles, _ now: Int64, into raw: OpaquePointer) throws(TLSProblem) -> Int64 {
        guard SSL_CTX_use_certificate_chain_file(raw, files.certificate) == 1 else {
            throw LibraryErrors.fileProblem(files.certificate, LibraryErrors.take(), "holds no certificate in PEM form")
        }
        let own = certificateEnd(SSL_CTX_get0_certificate(raw))
        guard now < own else {
            throw TLSProblem(files.certificate, "the certificate has expired: renew it, then reload")
        }
        // One that ends among them ends the trust in the first, unless clients know another way to their authority: not refused, but told.
        let expires = (0..<c_chain_count(raw)).reduce(own) { min($0, certificateEnd(c_chain_certificate(raw, $1))) }
        guard SSL_CTX_use_PrivateKey_file(raw, files.key, SSL_FILETYPE_PEM) == 1 else {
            let error = LibraryErrors.take()
            if ERR_GET_LIB(error) == ERR_LIB_X509, ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH {
                throw TLSProblem(files.key, "is not the key of the certificate in \(files.certificate)")
            }
            if ERR_GET_LIB(error) == ERR_LIB_X509, ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH {
                throw TLSProblem(files.key, "is not the key of the certificate in \(files.certificate)")
            }
            throw LibraryErrors.fileProblem(files.key, error, "holds no key in PEM form without a passphrase")
        }
        guard SSL_CTX_check_private_key(raw) == 1 else {
            LibraryErrors.clear()
            throw TLSProblem(files.key, "is not the key of the certificate in \(files.certificate)")
        }
        return expires
    }

    private static func askClients(_ path: String, _ raw: OpaquePointer) throws(TLSProblem) {
        try trust(path, raw)
        SSL_CTX_set_client_CA_list(raw, SSL_load_client_CA_file(path))
        LibraryErrors.clear()
        SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
    }

    private static func trust(_ path: String, _ raw: OpaquePointer) throws(TLSProblem) {
        // The call below does not say why it fails.
        guard let file = BIO_new_file(path, "r") else {
            throw LibraryErrors.fileProblem(path, LibraryErrors.take(), "cannot be read")
        }
        BIO_free(file)
        guard SSL_CTX_load_verify_locations(raw, path, nil) == 1 else {
            LibraryErrors.clear()
            throw TLSProblem(path, "holds no certificate in PEM form")
        }
    }

    /// The earliest end of all certificates of a file, in seconds since 1970. One that has ended is no reason to refuse the file: the
    /// others go on, and so does everybody who shows none.
    private static func firstEnd(in path: String) -> Int64? {
        guard let file = BIO_new_file(path, "r") else { return nil }
        defer {
            BIO_free(file)
            // The file's end is an error for the library.
            LibraryErrors.clear()
        }
        var first: Int64?
        while let certificate = PEM_read_bio_X509_AUX(file, nil, nil, nil) {
            first = min(first ?? .max, certificateEnd(certificate))
            X509_free(certificate)
        }
        return first
    }

    /// Seconds since 1970.
    static func certificateEnd(_ certificate: OpaquePointer?) -> Int64 {
        guard let certificate, let epoch = ASN1_TIME_set(nil, 0) else { return 0 }
        defer { ASN1_TIME_free(epoch) }
        var (days, seconds) = (Int32(0), Int32(0))
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1 else { return 0 }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    /// A client that offers protocols must offer the one there is (RFC 7301, section 3.2).
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, length, offered, count, _ in
        var found: UnsafeMutablePointer<UInt8>?
        guard
            SSL_select_next_proto(&found, length, protocols.baseAddress, UInt32(protocols.count), offered, count) == OPENSSL_NPN_NEGOTIATED
        else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        chosen?.pointee = UnsafePointer(found)
        return SSL_TLSEXT_ERR_OK
    }
}
