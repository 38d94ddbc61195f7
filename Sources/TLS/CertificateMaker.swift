// Makes a small certificate authority and certificates for servers, with keys on the curve P-256.
// Must not know files; everything is PEM in memory.

import COpenSSL

/// A certificate and its key, as PEM files hold them.
public struct CertificatePair: Sendable {
    public var certificate: [UInt8]
    public var key: [UInt8]

    public init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}

/// Makes certificates. All times are seconds since 1970.
public enum CertificateMaker {
    /// How long an authority is good: ten years.
    public static let authorityDays: Int64 = 3_650
    /// How long a server is good. Some systems trust no server for longer than 825 days.
    public static let serverDays: Int64 = 800

    /// Why a certificate cannot be made.
    public struct Refused: Error, Hashable, Sendable {
        public let reason: String

        public init(reason: String) { self.reason = reason }
    }

    /// An authority that can sign servers and nothing else.
    public static func authority(named name: String, now: Int64) throws(Refused) -> CertificatePair {
        let key = try newKey()
        defer { EVP_PKEY_free(key) }
        let certificate = try blank(name, key, from: now, days: authorityDays)
        defer { X509_free(certificate) }
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate))
        try extend(
            certificate, by: certificate,
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ])
        return try signed(certificate, key, by: key)
    }

    /// A server. It ends with its authority, if that ends first.
    /// - Parameters:
    ///   - names: Host names, all well formed.
    ///   - addresses: IP addresses, all well formed.
    ///   - authority: Who signs.
    /// - Throws: What is wrong with the authority.
    public static func server(
        names: [String], addresses: [String], signedBy authority: CertificatePair, now: Int64
    ) throws(Refused) -> CertificatePair {
        let subjects = names.map { "DNS:\($0)" } + addresses.map { "IP:\($0)" }
        return try pair(
            named: (names + addresses).first ?? "plugboard", signedBy: authority, now: now,
            [(NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, subjects.joined(separator: ","))])
    }

    /// A client, which shows it to a server that asks.
    /// - Throws: What is wrong with the authority.
    public static func client(named name: String, signedBy authority: CertificatePair, now: Int64) throws(Refused) -> CertificatePair {
        try pair(named: name, signedBy: authority, now: now, [(NID_ext_key_usage, "clientAuth")])
    }

    private static func pair(
        named name: String, signedBy authority: CertificatePair, now: Int64, _ further: [(Int32, String)]
    ) throws(Refused) -> CertificatePair {
        guard let issuer = read(authority.certificate, { PEM_read_bio_X509($0, nil, nil, nil) }) else {
            throw Refused(reason: "the authority's file holds no certificate in PEM form")
        }
        defer { X509_free(issuer) }
        guard let issuerKey = read(authority.key, { PEM_read_bio_PrivateKey($0, nil, noPassphrase, nil) }) else {
            throw Refused(reason: "the authority's file holds no key in PEM form without a passphrase")
        }
        defer { EVP_PKEY_free(issuerKey) }
        guard X509_check_private_key(issuer, issuerKey) == 1 else {
            throw Refused(reason: "the authority's key is that of another certificate")
        }
        guard X509_check_ca(issuer) == 1 else { throw Refused(reason: "the authority's certificate may not sign others") }
        var end = time_t(now)
        guard X509_cmp_time(X509_get0_notAfter(issuer), &end) > 0 else { throw Refused(reason: "the authority's certificate has expired") }
        let key = try newKey()
        defer { EVP_PKEY_free(key) }
        let certificate = try blank(name, key, from: now, days: serverDays)
        defer { X509_free(certificate) }
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer))
        if let end = X509_get0_notAfter(issuer), ASN1_TIME_compare(end, X509_get0_notAfter(certificate)) < 0 {
            X509_set1_notAfter(certificate, end)
        }
        try extend(
            certificate, by: issuer,
            [
                (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
            ] + further)
        return try signed(certificate, key, by: issuerKey)
    }

    /// When a certificate ends; nil when there is none in the text.
    public static func end(of pem: [UInt8]) -> Int64? {
        guard let certificate = read(pem, { PEM_read_bio_X509($0, nil, nil, nil) }) else { return nil }
        defer { X509_free(certificate) }
        return TLSContext.certificateEnd(certificate)
    }

    /// The SHA-256 of a certificate, as browsers and `openssl x509 -fingerprint` show it; nil when there is none in the text.
    public static func fingerprint(of pem: [UInt8]) -> String? {
        guard let certificate = read(pem, { PEM_read_bio_X509($0, nil, nil, nil) }) else { return nil }
        defer { X509_free(certificate) }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return nil }
        let digits = Array("0123456789ABCDEF")
        return digest[..<Int(count)].map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: ":")
    }

    // MARK: Parts

    private static let noPassphrase: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
        _, _, _, _ in 0
    }

    private static func failed() -> Refused { Refused(reason: LibraryErrors.words(LibraryErrors.take())) }

    private static func newKey() throws(Refused) -> OpaquePointer {
        guard let key = c_new_p256_key() else { throw failed() }
        return key
    }

    /// A certificate without an issuer. It begins a day early, for clocks that are slow.
    private static func blank(_ name: String, _ key: OpaquePointer, from now: Int64, days: Int64) throws(Refused) -> OpaquePointer {
        guard let certificate = X509_new() else { throw failed() }
        X509_set_version(certificate, 2)
        var serial = [UInt8](repeating: 0, count: 16)
        RAND_bytes(&serial, 16)
        // Positive, and never shorter.
        serial[0] = serial[0] & 0x7F | 0x40
        let number = BN_bin2bn(&serial, 16, nil)
        BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate))
        BN_free(number)
        ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(now - 86_400))
        ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(now + days * 86_400))
        X509_set_pubkey(certificate, key)
        // A common name has 64 characters at most; programs read the names from the extension.
        let common = Array(name.utf8.prefix(64))
        X509_NAME_add_entry_by_NID(
            X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, common, Int32(common.count), -1, 0)
        return certificate
    }

    private static func extend(_ certificate: OpaquePointer, by issuer: OpaquePointer, _ rows: [(Int32, String)]) throws(Refused) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        for (kind, value) in rows {
            guard let one = X509V3_EXT_conf_nid(nil, &context, kind, value) else { throw failed() }
            X509_add_ext(certificate, one, -1)
            X509_EXTENSION_free(one)
        }
    }

    private static func signed(_ certificate: OpaquePointer, _ key: OpaquePointer, by signer: OpaquePointer) throws(Refused)
        -> CertificatePair
    {
        guard X509_sign(certificate, signer, EVP_sha256()) > 0 else { throw failed() }
        return CertificatePair(
            certificate: written { PEM_write_bio_X509($0, certificate) },
            key: written { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    }

    private static func written(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let memory = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(memory) }
        _ = write(memory)
        var bytes: UnsafeMutablePointer<CChar>?
        let count = c_bio_bytes(memory, &bytes)
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private static func read(_ pem: [UInt8], _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        defer { LibraryErrors.clear() }
        guard let memory = BIO_new_mem_buf(pem, Int32(pem.count)) else { return nil }
        defer { BIO_free(memory) }
        return read(memory)
    }
}
