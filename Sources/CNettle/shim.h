// What Swift sees of Nettle. Must not hold anything but that.
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <nettle/version.h>

// Nettle 4 takes no length any more: a digest is always whole.
static inline void plugboard_sha1(size_t length, const uint8_t *data, uint8_t digest[SHA1_DIGEST_SIZE]) {
    struct sha1_ctx context;
    nettle_sha1_init(&context);
    nettle_sha1_update(&context, length, data);
#if NETTLE_VERSION_MAJOR >= 4
    nettle_sha1_digest(&context, digest);
#else
    nettle_sha1_digest(&context, SHA1_DIGEST_SIZE, digest);
#endif
}
