#pragma once
#include <nats/nats.h>

/// What is called of libnats. It is there after `weir_nats_open`.
struct weir_nats_library {
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
  natsStatus (*natsOptions_SetClosedCB)(
    natsOptions *options, natsConnectionHandler handler, void *context);
  natsStatus (*natsConnection_Connect)(natsConnection **connection, natsOptions *options);
  void (*natsConnection_Close)(natsConnection *connection);
  void (*natsConnection_Destroy)(natsConnection *connection);
  natsStatus (*natsConnection_GetLastError)(natsConnection *connection, const char **error);
  natsStatus (*natsConnection_PublishMsg)(natsConnection *connection, natsMsg *message);
  natsStatus (*natsInbox_Create)(natsInbox **inbox);
  void (*natsInbox_Destroy)(natsInbox *inbox);
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
};

extern struct weir_nats_library nats __attribute__((visibility("hidden")));
