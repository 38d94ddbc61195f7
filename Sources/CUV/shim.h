// What Swift sees of libuv. Must not hold anything that is not a declaration.
#include <uv.h>
