#pragma once
#include <stddef.h>
#include <stdint.h>

// Connections to NATS servers by libnats, which is opened when it is first needed, because most Weirs have no cluster.
// Nothing here calls Swift back: messages are taken from subscriptions by threads that wait for them. A connection that
// is lost stays lost; the caller makes a new one.

/// Opens libnats. Call it once, before all else. Returns NULL, or what is missing.
const char *weir_nats_open(void);

typedef enum {
  WEIR_NATS_OK = 0,
  /// No message or no answer in this time.
  WEIR_NATS_TIMEOUT,
  /// The connection was lost or closed, or the subscription has ended.
  WEIR_NATS_CLOSED,
  /// Messages of the subscription were dropped, because more waited than its limits allow.
  WEIR_NATS_DROPPED,
  /// Nobody listens to the subject of a request.
  WEIR_NATS_NOBODY,
  /// The message has more bytes than the server takes.
  WEIR_NATS_TOO_LARGE,
  WEIR_NATS_FAILED,
} weir_nats_outcome;

/// Texts are copied; NULL for none.
typedef struct {
  /// `nats://host:port` or `tls://host:port`, without a user.
  const char *url;
  /// The name that the server's certificate must have; NULL for a connection without TLS.
  const char *certified_name;
  const char *user;
  const char *password;
  const char *token;
  /// A file with a JWT and a seed.
  const char *credentials_file;
  /// A file of certificates that servers are checked against; NULL for the system's.
  const char *ca_file;
  /// The client's own certificate and its key.
  const char *certificate_file;
  const char *key_file;
  const char *client_name;
  int64_t connect_milliseconds;
  int64_t write_milliseconds;
  /// A server that has not answered two pings is taken as lost.
  int64_t ping_milliseconds;
} weir_nats_settings;

/// Connects to one server. Returns NULL and sets `connection`, or returns why not, in `reason`.
const char *weir_nats_connect(
  const weir_nats_settings *settings, void **connection, char *reason, size_t reason_size);

/// Ends a connection. All calls that wait on it return. It may be called more than once.
void weir_nats_close(void *connection);
/// Closes it, waits until libnats uses no subscription of it any more, and frees it. No call may use it any more.
/// Subscriptions are freed before it.
void weir_nats_free(void *connection);

/// The server's last error, such as a missing permission, in `text`; empty if there was none.
void weir_nats_last_error(void *connection, char *text, size_t text_size);

typedef struct {
  const char *subject;
  /// NULL for none.
  const char *reply;
  const void *bytes;
  size_t count;
  /// A name, its value, the next name and so on; twice `header_count` texts.
  const char *const *headers;
  size_t header_count;
} weir_nats_sent;

/// What was received. The pointers are valid until `weir_nats_message_free`.
typedef struct {
  void *handle;
  const char *subject;
  /// NULL for none.
  const char *reply;
  const void *bytes;
  size_t count;
  /// `100` for a heartbeat or a request of flow control; NULL for an ordinary message.
  const char *status;
  const char *description;
} weir_nats_message;

/// Copies the message to what is sent next, and waits only while the socket takes nothing.
weir_nats_outcome weir_nats_publish(void *connection, const weir_nats_sent *sent);

/// Sends the message, with a reply subject of its own, and waits for an answer.
weir_nats_outcome weir_nats_request(
  void *connection, const weir_nats_sent *sent, int64_t milliseconds, weir_nats_message *answer);

/// Waits until the server has taken all that was sent before.
weir_nats_outcome weir_nats_flush(void *connection, int64_t milliseconds);

/// A subscription that keeps messages until they are taken, up to these limits.
weir_nats_outcome weir_nats_subscribe(
  void *connection, const char *subject, int messages_max, int bytes_max, void **subscription);
/// Takes the next message. With 0 milliseconds it does not wait. WEIR_NATS_NOBODY in place of a message says that
/// nobody listens to the subject of some message that had its reply subject here.
weir_nats_outcome weir_nats_next(
  void *subscription, int64_t milliseconds, weir_nats_message *message);
/// Ends it, and frees the messages that wait in it. It may be called more than once.
void weir_nats_unsubscribe(void *subscription);
/// Ends it, and keeps what libnats may still use of it until a request that begins later is
/// answered, or its connection is freed.
void weir_nats_subscription_free(void *subscription);

/// The value of a header; NULL if there is none. Valid as long as the message.
const char *weir_nats_header(void *message, const char *name);
void weir_nats_message_free(void *message);

/// Connects, reads the line with which a NATS server greets, and closes again.
///
/// Returns NULL if `line` has it, ended by 0, or else why not, in `line`.
const char *weir_nats_greeting(
  const char *host, const char *port, int milliseconds, char *line, size_t line_size);
