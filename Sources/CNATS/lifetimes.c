#include "lifetimes.h"

#include <stdlib.h>
#include <time.h>

/// How long `weir_nats_free` waits for libnats, which ends within milliseconds of a close.
static const int close_seconds = 30;

/// More messages than wait in any subscription.
static const int messages_most = 1 << 20;

connection *make_connection(void) {
  connection *made = calloc(1, sizeof *made);
  if (!made) return NULL;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&made->lock, NULL);
  pthread_cond_init(&made->has_closed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  return made;
}

void free_connection(connection *connection) {
  pthread_cond_destroy(&connection->has_closed);
  pthread_mutex_destroy(&connection->lock);
  free(connection);
}

void note_closed(natsConnection *nats, void *context) {
  connection *closed = context;
  pthread_mutex_lock(&closed->lock);
  closed->is_closed = true;
  pthread_cond_signal(&closed->has_closed);
  pthread_mutex_unlock(&closed->lock);
}

void unsubscribe(natsSubscription *ended) {
  nats.natsSubscription_SetPendingLimits(ended, 1, 1);
  natsStatus status = NATS_OK;
  // No more than the limits of any subscription let in.
  for (int count = 0; count < messages_most; count++) {
    natsMsg *message = NULL;
    status = nats.natsSubscription_NextMsg(&message, ended, 0);
    if (status != NATS_OK && status != NATS_SLOW_CONSUMER) break;
    nats.natsMsg_Destroy(message);
  }
  nats.natsSubscription_Unsubscribe(ended);
}

void end_subscription(subscription *ended) {
  connection *connection = ended->connection;
  unsubscribe(ended->nats);
  pthread_mutex_lock(&connection->lock);
  ended->number = ++connection->ended_count;
  ended->earlier = connection->ended;
  connection->ended = ended;
  pthread_mutex_unlock(&connection->lock);
}

uint64_t ended_count(connection *connection) {
  pthread_mutex_lock(&connection->lock);
  uint64_t count = connection->ended_count;
  pthread_mutex_unlock(&connection->lock);
  return count;
}

void free_ended(connection *connection, uint64_t count) {
  pthread_mutex_lock(&connection->lock);
  subscription **place = &connection->ended;
  while (*place && (*place)->number > count) place = &(*place)->earlier;
  subscription *next = *place;
  *place = NULL;
  pthread_mutex_unlock(&connection->lock);
  while (next) {
    subscription *freed = next;
    next = freed->earlier;
    nats.natsSubscription_Destroy(freed->nats);
    free(freed);
  }
}

bool wait_until_closed(connection *connection) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += close_seconds;
  pthread_mutex_lock(&connection->lock);
  int fault = 0;
  while (!connection->is_closed && fault == 0)
    fault = pthread_cond_timedwait(&connection->has_closed, &connection->lock, &end);
  bool is_closed = connection->is_closed;
  pthread_mutex_unlock(&connection->lock);
  return is_closed;
}
