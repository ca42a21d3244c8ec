#include "weir-nats.h"

#include <dlfcn.h>
#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
  natsStatus (*nats_Open)(int64_t spin_count);
  const char *(*nats_GetLastError)(natsStatus *status);
  const char *(*natsStatus_GetText)(natsStatus status);
  natsStatus (*natsOptions_Create)(natsOptions **options);
  void (*natsOptions_Destroy)(natsOptions *options);
  natsStatus (*natsOptions_SetURL)(natsOptions *options, const char *url);
  natsStatus (*natsOptions_SetUserInfo)(natsOptions *options, const char *user, const char *password);
  natsStatus (*natsOptions_SetToken)(natsOptions *options, const char *token);
  natsStatus (*natsOptions_SetUserCredentialsFromFiles)(
    natsOptions *options, const char *file, const char *seed_file);
  natsStatus (*natsOptions_SetSecure)(natsOptions *options, bool secure);
  natsStatus (*natsOptions_LoadCATrustedCertificates)(natsOptions *options, const char *file);
  natsStatus (*natsOptions_LoadCertificatesChain)(
    natsOptions *options, const char *certificates, const char *key);
  natsStatus (*natsOptions_SetExpectedHostname)(natsOptions *options, const char *name);
  natsStatus (*natsOptions_SetName)(natsOptions *options, const char *name);
  natsStatus (*natsOptions_SetTimeout)(natsOptions *options, int64_t milliseconds);
  natsStatus (*natsOptions_SetWriteDeadline)(natsOptions *options, int64_t milliseconds);
  natsStatus (*natsOptions_SetPingInterval)(natsOptions *options, int64_t milliseconds);
  natsStatus (*natsOptions_SetMaxPingsOut)(natsOptions *options, int pings);
  natsStatus (*natsOptions_SetAllowReconnect)(natsOptions *options, bool allowed);
  natsStatus (*natsOptions_SetIgnoreDiscoveredServers)(natsOptions *options, bool ignored);
  natsStatus (*natsOptions_SetErrorHandler)(natsOptions *options, natsErrHandler handler, void *context);
  natsStatus (*natsConnection_Connect)(natsConnection **connection, natsOptions *options);
  void (*natsConnection_Close)(natsConnection *connection);
  void (*natsConnection_Destroy)(natsConnection *connection);
  natsStatus (*natsConnection_GetLastError)(natsConnection *connection, const char **error);
  natsStatus (*natsConnection_PublishMsg)(natsConnection *connection, natsMsg *message);
  natsStatus (*natsConnection_RequestMsg)(
    natsMsg **answer, natsConnection *connection, natsMsg *message, int64_t milliseconds);
  natsStatus (*natsConnection_FlushTimeout)(natsConnection *connection, int64_t milliseconds);
  natsStatus (*natsConnection_SubscribeSync)(
    natsSubscription **subscription, natsConnection *connection, const char *subject);
  natsStatus (*natsSubscription_SetPendingLimits)(
    natsSubscription *subscription, int messages, int bytes);
  natsStatus (*natsSubscription_NextMsg)(
    natsMsg **message, natsSubscription *subscription, int64_t milliseconds);
  natsStatus (*natsSubscription_Unsubscribe)(natsSubscription *subscription);
  void (*natsSubscription_Destroy)(natsSubscription *subscription);
  natsStatus (*natsMsg_Create)(
    natsMsg **message, const char *subject, const char *reply, const char *bytes, int count);
  const char *(*natsMsg_GetSubject)(const natsMsg *message);
  const char *(*natsMsg_GetReply)(const natsMsg *message);
  const char *(*natsMsg_GetData)(const natsMsg *message);
  int (*natsMsg_GetDataLength)(const natsMsg *message);
  void (*natsMsg_Destroy)(natsMsg *message);
  natsStatus (*natsMsgHeader_Set)(natsMsg *message, const char *name, const char *value);
  natsStatus (*natsMsgHeader_Get)(natsMsg *message, const char *name, const char **value);
} nats;

static void *open_library(void) {
  void *library = NULL;
  char name[32];
  // The version of the headers first. Debian and Ubuntu have had 3.4 to 3.7; what is called here has not changed.
  for (int minor = NATS_VERSION_MINOR; !library && minor < 20; minor++) {
    snprintf(name, sizeof name, "libnats.so.3.%d", minor);
    library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  return library ? library : dlopen("libnats.so", RTLD_NOW | RTLD_LOCAL);
}

const char *weir_nats_open(void) {
  void *library = open_library();
  if (!library) return "libnats is not installed; install Debian's libnats3.4 (or libnats-dev)";
#define FIND(name)                                  \
  *(void **)&nats.name = dlsym(library, #name);     \
  if (!nats.name) return "libnats has no " #name "; install libnats 3.4 or a later 3"
  FIND(nats_Open);
  FIND(nats_GetLastError);
  FIND(natsStatus_GetText);
  FIND(natsOptions_Create);
  FIND(natsOptions_Destroy);
  FIND(natsOptions_SetURL);
  FIND(natsOptions_SetUserInfo);
  FIND(natsOptions_SetToken);
  FIND(natsOptions_SetUserCredentialsFromFiles);
  FIND(natsOptions_SetSecure);
  FIND(natsOptions_LoadCATrustedCertificates);
  FIND(natsOptions_LoadCertificatesChain);
  FIND(natsOptions_SetExpectedHostname);
  FIND(natsOptions_SetName);
  FIND(natsOptions_SetTimeout);
  FIND(natsOptions_SetWriteDeadline);
  FIND(natsOptions_SetPingInterval);
  FIND(natsOptions_SetMaxPingsOut);
  FIND(natsOptions_SetAllowReconnect);
  FIND(natsOptions_SetIgnoreDiscoveredServers);
  FIND(natsOptions_SetErrorHandler);
  FIND(natsConnection_Connect);
  FIND(natsConnection_Close);
  FIND(natsConnection_Destroy);
  FIND(natsConnection_GetLastError);
  FIND(natsConnection_PublishMsg);
  FIND(natsConnection_RequestMsg);
  FIND(natsConnection_FlushTimeout);
  FIND(natsConnection_SubscribeSync);
  FIND(natsSubscription_SetPendingLimits);
  FIND(natsSubscription_NextMsg);
  FIND(natsSubscription_Unsubscribe);
  FIND(natsSubscription_Destroy);
  FIND(natsMsg_Create);
  FIND(natsMsg_GetSubject);
  FIND(natsMsg_GetReply);
  FIND(natsMsg_GetData);
  FIND(natsMsg_GetDataLength);
  FIND(natsMsg_Destroy);
  FIND(natsMsgHeader_Set);
  FIND(natsMsgHeader_Get);
#undef FIND
  return nats.nats_Open(-1) == NATS_OK ? NULL : "libnats could not be started";
}

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

static natsStatus set_options(natsOptions *options, const weir_nats_settings *settings) {
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
#undef SET
  return status;
}

const char *weir_nats_connect(
  const weir_nats_settings *settings, void **connection, char *reason, size_t reason_size) {
  natsOptions *options = NULL;
  natsConnection *made = NULL;
  natsStatus status = nats.natsOptions_Create(&options);
  if (status == NATS_OK) status = set_options(options, settings);
  if (status == NATS_OK) status = nats.natsConnection_Connect(&made, options);
  // Of this thread, and only valid until its next call.
  const char *error = status == NATS_OK ? NULL : nats.nats_GetLastError(NULL);
  if (status != NATS_OK)
    snprintf(reason, reason_size, "%s", error && *error ? error : nats.natsStatus_GetText(status));
  nats.natsOptions_Destroy(options);
  *connection = made;
  return status == NATS_OK ? NULL : reason;
}

void weir_nats_close(void *connection) { nats.natsConnection_Close(connection); }

void weir_nats_free(void *connection) { nats.natsConnection_Destroy(connection); }

void weir_nats_last_error(void *connection, char *text, size_t text_size) {
  const char *error = NULL;
  nats.natsConnection_GetLastError(connection, &error);
  snprintf(text, text_size, "%s", error ? error : "");
}

static natsStatus make_message(const weir_nats_sent *sent, natsMsg **message) {
  if (sent->count > INT32_MAX) return NATS_MAX_PAYLOAD;
  natsStatus status =
    nats.natsMsg_Create(message, sent->subject, sent->reply, sent->bytes, (int)sent->count);
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

weir_nats_outcome weir_nats_publish(void *connection, const weir_nats_sent *sent) {
  natsMsg *message = NULL;
  natsStatus status = make_message(sent, &message);
  if (status == NATS_OK) status = nats.natsConnection_PublishMsg(connection, message);
  nats.natsMsg_Destroy(message);
  return outcome_of(status);
}

weir_nats_outcome weir_nats_request(
  void *connection, const weir_nats_sent *sent, int64_t milliseconds, weir_nats_message *answer) {
  natsMsg *message = NULL, *received = NULL;
  natsStatus status = make_message(sent, &message);
  if (status == NATS_OK)
    status = nats.natsConnection_RequestMsg(&received, connection, message, milliseconds);
  nats.natsMsg_Destroy(message);
  if (status == NATS_OK) describe(received, answer);
  return outcome_of(status);
}

weir_nats_outcome weir_nats_flush(void *connection, int64_t milliseconds) {
  return outcome_of(nats.natsConnection_FlushTimeout(connection, milliseconds));
}

weir_nats_outcome weir_nats_subscribe(
  void *connection, const char *subject, int messages_max, int bytes_max, void **subscription) {
  natsSubscription *made = NULL;
  natsStatus status = nats.natsConnection_SubscribeSync(&made, connection, subject);
  if (status == NATS_OK)
    status = nats.natsSubscription_SetPendingLimits(made, messages_max, bytes_max);
  if (status != NATS_OK && made) {
    nats.natsSubscription_Destroy(made);
    made = NULL;
  }
  *subscription = made;
  return outcome_of(status);
}

weir_nats_outcome weir_nats_next(
  void *subscription, int64_t milliseconds, weir_nats_message *message) {
  natsMsg *received = NULL;
  natsStatus status = nats.natsSubscription_NextMsg(&received, subscription, milliseconds);
  if (status == NATS_OK) describe(received, message);
  return outcome_of(status);
}

void weir_nats_unsubscribe(void *subscription) { nats.natsSubscription_Unsubscribe(subscription); }

void weir_nats_subscription_free(void *subscription) { nats.natsSubscription_Destroy(subscription); }

const char *weir_nats_header(void *message, const char *name) {
  const char *value = NULL;
  return nats.natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : NULL;
}

void weir_nats_message_free(void *message) { nats.natsMsg_Destroy(message); }
