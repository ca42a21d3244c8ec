#include "library.h"

#include <dlfcn.h>
#include <stdio.h>

#include "weir-nats.h"

struct weir_nats_library nats;

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
  FIND(natsOptions_SetClosedCB);
  FIND(natsConnection_Connect);
  FIND(natsConnection_Close);
  FIND(natsConnection_Destroy);
  FIND(natsConnection_GetLastError);
  FIND(natsConnection_PublishMsg);
  FIND(natsInbox_Create);
  FIND(natsInbox_Destroy);
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
