// What Swift sees of libcrypto. Must not hold anything that is not a declaration.
// The functions of one algorithm are said to be deprecated in favour of those that look for a provider of it first, and load several.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
