/* The allocator keeps what was freed for a second, lest it be needed again. A service that is idle most of the day
   gives it back sooner. Nothing but its environment, or this call before anything else runs, tells it so; whoever
   sets MIMALLOC_PURGE_DELAY is still heard. */
#include <mimalloc.h>

#define MILLISECONDS 10

__attribute__((constructor)) static void give_back_soon(void) {
    mi_option_set_default(mi_option_purge_delay, MILLISECONDS);
}
