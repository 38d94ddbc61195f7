// The bare server without TLS.

#include "tls.h"

int tls_load(const char *certificate, const char *key) {
    (void)certificate, (void)key;
    return 0;
}

struct tls *tls_open(void) { return NULL; }

void tls_free(struct tls *tls) { (void)tls; }

long tls_read(struct tls *tls, const char *bytes, size_t count, char *plain, size_t room) {
    (void)tls, (void)bytes, (void)count, (void)plain, (void)room;
    return -1;
}

void tls_write(struct tls *tls, const char *plain, size_t count) { (void)tls, (void)plain, (void)count; }

char *tls_output(size_t *count) {
    *count = 0;
    return NULL;
}
