#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "library.h"

#pragma GCC visibility push(hidden)

/// A subscription that libnats may still use until its connection has ended, or has answered later.
typedef struct subscription {
  natsSubscription *nats;
  struct connection *connection;
  /// Of those that have ended: its place in their order, and the one before it.
  uint64_t number;
  struct subscription *earlier;
} subscription;

typedef struct connection {
  natsConnection *nats;
  pthread_mutex_t lock;
  pthread_cond_t has_closed;
  /// Whether libnats uses no subscription of the connection any more.
  bool is_closed;
  /// The last one that has ended, and is not freed; and how many have ended.
  subscription *ended;
  uint64_t ended_count;
} connection;

connection *make_connection(void);
void free_connection(connection *connection);

/// libnats calls it when a connection has ended. The thread that reads may not have, but it finds no subscription.
void note_closed(natsConnection *nats, void *context);
/// Waits until that was called. False where it was not in time.
bool wait_until_closed(connection *connection);

/// Frees the messages that wait in a subscription, takes no more, and ends it.
void unsubscribe(natsSubscription *ended);

/// Ends a subscription, and keeps it.
///
/// The thread of libnats before 3.6.1 that reads from the server looks a subscription up, and then uses it without
/// holding it (nats.c, issue 637). If it is freed in between, messages are written into memory that belongs to others.
void end_subscription(subscription *ended);

/// How many subscriptions have ended.
uint64_t ended_count(connection *connection);
/// Frees the first `count` subscriptions that have ended. libnats uses none of them any more.
void free_ended(connection *connection, uint64_t count);

#pragma GCC visibility pop
