/* Moves the wall clock of a process, and of those it starts, by CLOCK_SHIFT seconds:
 *
 *     cc -shared -fPIC -O2 -o shift_clock.so scripts/shift_clock.c -ldl
 *     LD_PRELOAD=./shift_clock.so CLOCK_SHIFT=86400 python ...
 *
 * Only CLOCK_REALTIME moves. The monotonic clock and sleeps stay as they are. So do the times that the kernel gives to
 * files. If a program computes a deadline from the moved clock, this library moves the deadline back before the kernel
 * sees it. Otherwise the wait would last as long as the shift. libx265, which writes HEIC photos, waits like that.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
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

/* The deadline on the machine's clock. A small number is a monotonic deadline, which counts from the machine's start. */
static struct timespec unshifted(const struct timespec *deadline)
{
    struct timespec moved = *deadline;
    if (moved.tv_sec > 1000000000)
        moved.tv_sec -= shift();
    return moved;
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline)
{
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) /* glibc may have two versions; dlsym finds the older one, whose conditions have another layout */
        real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real)
        real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec moved = unshifted(deadline);
    return real(condition, mutex, &moved);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline)
{
    static int (*real)(pthread_mutex_t *, const struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
    struct timespec moved = unshifted(deadline);
    return real(mutex, &moved);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
    static int (*real)(sem_t *, const struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec moved = unshifted(deadline);
    return real(semaphore, &moved);
}
