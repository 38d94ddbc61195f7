// TLS for the bare server, as fast as libssl gets: a BIO that reads from the bytes at hand and writes to one output that all connections
// share, with read-ahead, and with the buffers of a connection kept between its messages. The protocol is what Plugboard's is: TLS 1.2 or
// 1.3, no tickets, no cache of sessions.

#include "tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT = 1 << 19 };

static SSL_CTX *context;
static BIO_METHOD *method;
static const char *input;
static size_t input_count;
static char output[OUTPUT];
static size_t output_count;

static int bio_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static int bio_read(BIO *bio, char *to, int room) {
    BIO_clear_retry_flags(bio);
    if (input_count == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t count = input_count < (size_t)room ? input_count : (size_t)room;
    memcpy(to, input, count);
    input += count;
    input_count -= count;
    return (int)count;
}

static int bio_write(BIO *bio, const char *bytes, int count) {
    (void)bio;
    if (count < 0 || output_count + (size_t)count > OUTPUT) return -1;
    memcpy(output + output_count, bytes, (size_t)count);
    output_count += (size_t)count;
    return count;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

int tls_load(const char *certificate, const char *key) {
    context = SSL_CTX_new(TLS_server_method());
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bare");
    if (!context || !method) return 0;
    BIO_meth_set_create(method, bio_create);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_read_ahead(context, 1);
    return SSL_CTX_use_certificate_chain_file(context, certificate) == 1 && SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1;
}

struct tls *tls_open(void) {
    SSL *ssl = context ? SSL_new(context) : NULL;
    if (!ssl) return NULL;
    BIO *bio = BIO_new(method);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    return (struct tls *)ssl;
}

void tls_free(struct tls *tls) { SSL_free((SSL *)tls); }

long tls_read(struct tls *tls, const char *bytes, size_t count, char *plain, size_t room) {
    SSL *ssl = (SSL *)tls;
    input = bytes;
    input_count = count;
    size_t filled = 0;
    while (filled < room) {
        // The handshake too is done by this.
        int result = SSL_read(ssl, plain + filled, (int)(room - filled));
        if (result > 0) {
            filled += (size_t)result;
            continue;
        }
        if (SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ) break;
        ERR_clear_error();
        return -1;
    }
    return (long)filled;
}

void tls_write(struct tls *tls, const char *plain, size_t count) {
    if (count > 0 && SSL_write((SSL *)tls, plain, (int)count) <= 0) ERR_clear_error();
}

char *tls_output(size_t *count) {
    *count = output_count;
    output_count = 0;
    return output;
}
