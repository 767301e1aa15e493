/* Moves the wall clock of a process, and of those it starts, by CLOCK_SHIFT seconds:
 *
 *     cc -shared -fPIC -O2 -o shift_clock.so scripts/shift_clock.c -ldl
 *     LD_PRELOAD=./shift_clock.so CLOCK_SHIFT=86400 python ...
 *
 * Only CLOCK_REALTIME moves. The monotonic clock, sleeps and time-outs stay as they are, so nothing hangs, and the
 * times that the kernel writes to files stay those of the machine.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long shift(void)
{
    static long seconds;
    static int known;
    if (!known) {
        const char *text = getenv("CLOCK_SHIFT");
        seconds = text ? atol(text) : 0;
        known = 1;
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    static int (*real)(struct timeval *, void *);
    if (!real)
        real = dlsym(RTLD_NEXT, "gettimeofday");
    int result = real(now, zone);
    if (result == 0)
        now->tv_sec += shift();
    return result;
}

time_t time(time_t *kept)
{
    static time_t (*real)(time_t *);
    if (!real)
        real = dlsym(RTLD_NEXT, "time");
    time_t now = real(NULL) + shift();
    if (kept)
        *kept = now;
    return now;
}
