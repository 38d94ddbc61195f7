// What Swift sees of libcrypto and libssl: their declarations, and as functions the macros of them that Swift cannot read.
// Must not hold anything of our own.
// The functions of one algorithm are said to be deprecated in favour of those that look for a provider of it first, and load several.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

static inline uint64_t c_ssl_options(void) {
    return SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE;
}
static inline void c_ssl_set_mode(SSL_CTX *context) { SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); }
static inline int c_ssl_set_min_version(SSL_CTX *context, int version) { return SSL_CTX_set_min_proto_version(context, version); }
static inline void c_ssl_set_max_version(SSL_CTX *context, int version) { SSL_CTX_set_max_proto_version(context, version); }
static inline int c_chain_count(SSL_CTX *context) {
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(context, &chain);
    return chain ? sk_X509_num(chain) : 0;
}
static inline X509 *c_chain_certificate(SSL_CTX *context, int index) {
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(context, &chain);
    return sk_X509_value(chain, index);
}
static inline void c_ssl_cache_off(SSL_CTX *context) { SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); }
static inline int c_ssl_set_name(SSL *ssl, const char *name) { return (int)SSL_set_tlsext_host_name(ssl, name); }
static inline void c_bio_want_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void c_bio_clear(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline long c_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }
static inline EVP_PKEY *c_new_p256_key(void) { return EVP_EC_gen("P-256"); }
static inline void c_name_print(BIO *bio, X509_NAME *name) { X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB); }
