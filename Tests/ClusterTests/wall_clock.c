/* A library that is loaded before others (LD_PRELOAD): the wall clock is WALL_CLOCK_OFFSET_SECONDS off.
 *
 * Clocks that only grow stay right, and so do waits. libfaketime shifts timers of such clocks too (timerfd), so that
 * a program's pauses never end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* Later than any time since the machine started, and earlier than now. */
#define WALL_SECONDS_LEAST 1000000000

static long offset_seconds(void) {
  static long known;
  static int is_known;
  if (!is_known) {
    const char *text = getenv("WALL_CLOCK_OFFSET_SECONDS");
    known = text ? atol(text) : 0;
    is_known = 1;
  }
  return known;
}

static int right_time(clockid_t clock, struct timespec *now) {
  static int (*next)(clockid_t, struct timespec *);
  if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  return next(clock, now);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = right_time(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += offset_seconds();
  }
  return result;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec time;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  if (now) *now = time.tv_sec;
  return time.tv_sec;
}

/* The clock of a time until which something waits, which is made right. */
static clockid_t corrected(const struct timespec *given, struct timespec *right) {
  *right = *given;
  if (given->tv_sec < WALL_SECONDS_LEAST) return CLOCK_MONOTONIC;
  right->tv_sec -= offset_seconds();
  return CLOCK_REALTIME;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  struct timespec right;
  clockid_t clock = corrected(until, &right);
  return pthread_cond_clockwait(condition, mutex, clock, &right);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
  struct timespec right;
  clockid_t clock = corrected(until, &right);
  return sem_clockwait(semaphore, clock, &right);
}
