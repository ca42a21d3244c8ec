#include "weir-nats.h"

#include <stdio.h>
#include <stdlib.h>

#include "lifetimes.h"

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
    // libnats knows it only if it could connect and then had no memory for a thread.
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
  // Another thread may be about to close it, too, and then the call before returns at once. Lost memory is better than
  // memory that libnats' threads still write into.
  if (!wait_until_closed(freed)) return;
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

/// How long a request that had no answer waits for the answer to a ping.
static const int64_t ping_milliseconds = 100;

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
  // The thread that reads has put the answer there, and so it is done with all that ended before. The answer to a ping
  // says the same.
  bool is_read = status == NATS_OK || status == NATS_NO_RESPONDERS;
  if (!is_read)
    is_read =
      nats.natsConnection_FlushTimeout(connection->nats, ping_milliseconds) == NATS_OK;
  if (is_read) free_ended(connection, before);
  if (status == NATS_OK) describe(received, answer);
  return outcome_of(status);
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

void weir_nats_unsubscribe(void *handle) { unsubscribe(((subscription *)handle)->nats); }

void weir_nats_subscription_free(void *handle) { end_subscription(handle); }

const char *weir_nats_header(void *message, const char *name) {
  const char *value = NULL;
  return nats.natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : NULL;
}

void weir_nats_message_free(void *message) { nats.natsMsg_Destroy(message); }
