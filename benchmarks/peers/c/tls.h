// TLS for the bare server: bytes of the peer in, plain text out, and back. Of the two programs `bare-tls` has it (tls.c); `bare` does not
// (plain.c), so that it loads no library more.
// Must not know sockets.

#pragma once

#include <stddef.h>

/// One end of a connection.
struct tls;

/// Reads a certificate and its key, in PEM. False: they cannot be used.
int tls_load(const char *certificate, const char *key);
/// The server's end of a new connection; NULL: connections are not encrypted.
struct tls *tls_open(void);
void tls_free(struct tls *tls);
/// Takes bytes of the peer and decrypts what they complete; returns how many bytes of plain text there are, or -1: it is over.
long tls_read(struct tls *tls, const char *bytes, size_t count, char *plain, size_t room);
void tls_write(struct tls *tls, const char *plain, size_t count);
/// What is to be sent since the last call. It lives until the next call of `tls_read` or `tls_write`.
char *tls_output(size_t *count);
