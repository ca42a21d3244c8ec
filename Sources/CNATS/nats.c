#include "weir-nats.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "library.h"

static weir_nats_outcome outcome_of(natsStatus status) {
  switch (status) {
  case NATS_OK: return WEIR_NATS_OK;
  case NATS_TIMEOUT: return WEIR_NATS_TIMEOUT;
  case NATS_SLOW_CONSUMER: return WEIR_NATS_DROPPED;
  case NATS_NO_RESPONDERS: return WEIR_NATS_NOBODY;
  case NATS_MAX_PAYLOAD: return WEIR_NATS_TOO_LARGE;
  case NATS_CONNECTION_CLOSED:
  case NATS_CONNECTION_DISCONNECTED:
  case NATS_INVALID_SUBSCRIPTION:
  case NATS_STALE_CONNECTION:
  case NATS_DRAINING:
  case NATS_IO_ERROR: return WEIR_NATS_CLOSED;
  default: return WEIR_NATS_FAILED;
  }
}

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
  /// Whether libnats' threads of the connection have ended.
  bool is_closed;
  /// The last one that has ended, and is not freed; and how many have ended.
  subscription *ended;
  uint64_t ended_count;
} connection;

/// How long `weir_nats_free` waits for libnats' threads. They end within milliseconds of a close.
static const int close_seconds = 30;

static connection *make_connection(void) {
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

static void free_connection(connection *connection) {
  pthread_cond_destroy(&connection->has_closed);
  pthread_mutex_destroy(&connection->lock);
  free(connection);
}

/// libnats calls it when the threads of a connection have ended.
static void note_closed(natsConnection *nats, void *context) {
  connection *closed = context;
  pthread_mutex_lock(&closed->lock);
  closed->is_closed = true;
  pthread_cond_signal(&closed->has_closed);
  pthread_mutex_unlock(&closed->lock);
}

/// Ends a subscription, and keeps it.
///
/// The thread of libnats before 3.6 that reads from the server looks a subscription up, and then uses it without holding
/// it (nats.c, issue 637). If it is freed in between, messages are written into memory that belongs to others by then.
static void end_subscription(subscription *ended) {
  connection *connection = ended->connection;
  nats.natsSubscription_Unsubscribe(ended->nats);
  pthread_mutex_lock(&connection->lock);
  ended->number = ++connection->ended_count;
  ended->earlier = connection->ended;
  connection->ended = ended;
  pthread_mutex_unlock(&connection->lock);
}

static uint64_t ended_count(connection *connection) {
  pthread_mutex_lock(&connection->lock);
  uint64_t count = connection->ended_count;
  pthread_mutex_unlock(&connection->lock);
  return count;
}

/// Frees the first `count` subscriptions that have ended. libnats uses none of them any more.
static void free_ended(connection *connection, uint64_t count) {
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

/// In place of libnats' own, which prints to the standard error. What matters is asked for.
static void ignore_error(
  natsConnection *connection, natsSubscription *subscription, natsStatus status, void *context) {}

static natsStatus set_options(
  natsOptions *options, const weir_nats_settings *settings, connection *made) {
  natsStatus status = nats.natsOptions_SetURL(options, settings->url);
#define SET(condition, call) \
  if (status == NATS_OK && (condition)) status = nats.call
  SET(settings->user, natsOptions_SetUserInfo(options, settings->user, settings->password));
  SET(settings->token, natsOptions_SetToken(options, settings->token));
  SET(settings->credentials_file,
      natsOptions_SetUserCredentialsFromFiles(options, settings->credentials_file, NULL));
  SET(settings->certified_name, natsOptions_SetSecure(options, true));
  SET(settings->certified_name, natsOptions_SetExpectedHostname(options, settings->certified_name));
  SET(settings->ca_file, natsOptions_LoadCATrustedCertificates(options, settings->ca_file));
  SET(settings->certificate_file,
      natsOptions_LoadCertificatesChain(options, settings->certificate_file, settings->key_file));
  SET(settings->client_name, natsOptions_SetName(options, settings->client_name));
  SET(true, natsOptions_SetTimeout(options, settings->connect_milliseconds));
  SET(true, natsOptions_SetWriteDeadline(options, settings->write_milliseconds));
  SET(true, natsOptions_SetPingInterval(options, settings->ping_milliseconds));
  SET(true, natsOptions_SetMaxPingsOut(options, 2));
  SET(true, natsOptions_SetAllowReconnect(options, false));
  SET(true, natsOptions_SetIgnoreDiscoveredServers(options, true));
  SET(true, natsOptions_SetErrorHandler(options, ignore_error, NULL));
  SET(true, natsOptions_SetClosedCB(options, note_closed, made));
#undef SET
  return status;
}

const char *weir_nats_connect(
  const weir_nats_settings *settings, void **handle, char *reason, size_t reason_size) {
  natsOptions *options = NULL;
  connection *made = make_connection();
  natsStatus status = made ? nats.natsOptions_Create(&options) : NATS_NO_MEMORY;
  if (status == NATS_OK) status = set_options(options, settings, made);
  if (status == NATS_OK) status = nats.natsConnection_Connect(&made->nats, options);
  // Of this thread, and only valid until its next call.
  const char *error = status == NATS_OK || !made ? NULL : nats.nats_GetLastError(NULL);
  if (status != NATS_OK)
    snprintf(reason, reason_size, "%s", error && *error ? error : nats.natsStatus_GetText(status));
  nats.natsOptions_Destroy(options);
  if (status != NATS_OK && made) {
    free_connection(made);
    made = NULL;
  }
  *handle = made;
  return status == NATS_OK ? NULL : reason;
}

void weir_nats_close(void *handle) { nats.natsConnection_Close(((connection *)handle)->nats); }

void weir_nats_free(void *handle) {
  connection *freed = handle;
  nats.natsConnection_Close(freed->nats);
  // Another thread may be about to close it, too, and then the call before returns at once.
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += close_seconds;
  pthread_mutex_lock(&freed->lock);
  int fault = 0;
  while (!freed->is_closed && fault == 0)
    fault = pthread_cond_timedwait(&freed->has_closed, &freed->lock, &end);
  bool is_closed = freed->is_closed;
  pthread_mutex_unlock(&freed->lock);
  // Lost memory is better than memory that libnats' threads still write into.
  if (!is_closed) return;
  free_ended(freed, UINT64_MAX);
  nats.natsConnection_Destroy(freed->nats);
  free_connection(freed);
}

void weir_nats_last_error(void *handle, char *text, size_t text_size) {
  connection *connection = handle;
  const char *error = NULL;
  nats.natsConnection_GetLastError(connection->nats, &error);
  snprintf(text, text_size, "%s", error ? error : "");
}

/// - Parameter reply: NULL for none.
static natsStatus make_message(const weir_nats_sent *sent, const char *reply, natsMsg **message) {
  if (sent->count > INT32_MAX) return NATS_MAX_PAYLOAD;
  natsStatus status =
    nats.natsMsg_Create(message, sent->subject, reply, sent->bytes, (int)sent->count);
  for (size_t index = 0; status == NATS_OK && index < sent->header_count; index++)
    status =
      nats.natsMsgHeader_Set(*message, sent->headers[2 * index], sent->headers[2 * index + 1]);
  return status;
}

static void describe(natsMsg *received, weir_nats_message *message) {
  message->handle = received;
  message->subject = nats.natsMsg_GetSubject(received);
  message->reply = nats.natsMsg_GetReply(received);
  message->bytes = nats.natsMsg_GetData(received);
  message->count = (size_t)nats.natsMsg_GetDataLength(received);
  message->status = weir_nats_header(received, "Status");
  message->description = message->status ? weir_nats_header(received, "Description") : NULL;
}

static natsStatus publish(connection *connection, const weir_nats_sent *sent, const char *reply) {
  natsMsg *message = NULL;
  natsStatus status = make_message(sent, reply, &message);
  if (status == NATS_OK) status = nats.natsConnection_PublishMsg(connection->nats, message);
  nats.natsMsg_Destroy(message);
  return status;
}

static natsStatus subscribe(connection *connection, const char *subject, subscription **made) {
  subscription *new = calloc(1, sizeof *new);
  if (!new) return NATS_NO_MEMORY;
  new->connection = connection;
  natsStatus status = nats.natsConnection_SubscribeSync(&new->nats, connection->nats, subject);
  if (status == NATS_OK)
    *made = new;
  else
    free(new);
  return status;
}

weir_nats_outcome weir_nats_publish(void *handle, const weir_nats_sent *sent) {
  return outcome_of(publish(handle, sent, sent->reply));
}

// Not by natsConnection_RequestMsg, whose own subscription has the fault that `end_subscription` tells of.
weir_nats_outcome weir_nats_request(
  void *handle, const weir_nats_sent *sent, int64_t milliseconds, weir_nats_message *answer) {
  connection *connection = handle;
  uint64_t before = ended_count(connection);
  subscription *answers = NULL;
  natsInbox *inbox = NULL;
  natsMsg *received = NULL;
  natsStatus status = nats.natsInbox_Create(&inbox);
  if (status == NATS_OK) status = subscribe(connection, inbox, &answers);
  if (status == NATS_OK) status = publish(connection, sent, inbox);
  if (status == NATS_OK)
    status = nats.natsSubscription_NextMsg(&received, answers->nats, milliseconds);
  if (answers) end_subscription(answers);
  nats.natsInbox_Destroy(inbox);
  if (status != NATS_OK) return outcome_of(status);
  // The thread that reads has put the answer there, and so it is done with all that ended before.
  free_ended(connection, before);
  describe(received, answer);
  return WEIR_NATS_OK;
}

weir_nats_outcome weir_nats_flush(void *handle, int64_t milliseconds) {
  return outcome_of(nats.natsConnection_FlushTimeout(((connection *)handle)->nats, milliseconds));
}

weir_nats_outcome weir_nats_subscribe(
  void *handle, const char *subject, int messages_max, int bytes_max, void **made) {
  subscription *new = NULL;
  natsStatus status = subscribe(handle, subject, &new);
  if (status == NATS_OK)
    status = nats.natsSubscription_SetPendingLimits(new->nats, messages_max, bytes_max);
  if (status != NATS_OK && new) {
    end_subscription(new);
    new = NULL;
  }
  *made = new;
  return outcome_of(status);
}

weir_nats_outcome weir_nats_next(void *handle, int64_t milliseconds, weir_nats_message *message) {
  subscription *subscription = handle;
  natsMsg *received = NULL;
  natsStatus status = nats.natsSubscription_NextMsg(&received, subscription->nats, milliseconds);
  if (status == NATS_OK) describe(received, message);
  return outcome_of(status);
}

void weir_nats_unsubscribe(void *handle) {
  nats.natsSubscription_Unsubscribe(((subscription *)handle)->nats);
}

void weir_nats_subscription_free(void *handle) { end_subscription(handle); }

const char *weir_nats_header(void *message, const char *name) {
  const char *value = NULL;
  return nats.natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : NULL;
}

void weir_nats_message_free(void *message) { nats.natsMsg_Destroy(message); }
