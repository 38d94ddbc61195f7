// What Swift sees of libuv. Must not hold anything but declarations, and calls that Swift cannot make because their arguments vary.
#include <uv.h>

static inline int plugboard_uv_measure_idle_time(uv_loop_t *loop) { return uv_loop_configure(loop, UV_METRICS_IDLE_TIME); }
