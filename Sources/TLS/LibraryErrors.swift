// Reads the library's queue of errors: what happened, as a value.
// Must not know whose connection or file it was.

import COpenSSL

/// The errors that the library has collected on this thread.
enum LibraryErrors {
    /// The first of them, which is the cause; the queue is empty afterwards.
    static func take() -> CUnsignedLong {
        let first = ERR_get_error()
        ERR_clear_error()
        return first
    }

    /// Empties the queue. The library does that in a loop over all its places, also when there is nothing, which counts where it is done for
    /// each record.
    static func clear() { if ERR_peek_error() != 0 { ERR_clear_error() } }

    /// The library's words.
    static func words(_ error: CUnsignedLong) -> String {
        if ERR_GET_LIB(error) == ERR_LIB_SYS { return String(cString: strerror(ERR_GET_REASON(error))) }
        return ERR_reason_error_string(error).map { String(cString: $0) } ?? "unknown error"
    }

    /// What a file could not be opened for: the system's words, and whether it was forbidden.
    static func fileProblem(_ file: String, _ error: CUnsignedLong, _ otherwise: String) -> TLSProblem {
        guard ERR_GET_LIB(error) == ERR_LIB_SYS else { return TLSProblem(file, otherwise) }
        let number = ERR_GET_REASON(error)
        return TLSProblem(file, "cannot be read: \(String(cString: strerror(number)))", isForbidden: number == EACCES || number == EPERM)
    }

    /// The failure of a handshake or of a connection.
    static func failure(of ssl: OpaquePointer) -> TLSFailure {
        let error = take()
        let reason = ERR_GET_REASON(error)
        guard ERR_GET_LIB(error) == ERR_LIB_SSL else { return .broken(words(error)) }
        switch reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED: return verification(SSL_get_verify_result(ssl))
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_UNKNOWN_PROTOCOL:
            return .version
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: return .plainHTTP
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_BAD_PACKET_LENGTH, SSL_R_RECORD_LENGTH_MISMATCH: return .notTLS
        // The reason of an alert is its number after these.
        case SSL_AD_REASON_OFFSET...(SSL_AD_REASON_OFFSET + 255): return .refusedByPeer(words(error))
        default: return .broken(words(error))
        }
    }

    private static func verification(_ result: Int) -> TLSFailure {
        switch Int32(truncatingIfNeeded: result) {
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .wrongName
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            .unknownIssuer
        default: .badCertificate(String(cString: X509_verify_cert_error_string(result)))
        }
    }
}
