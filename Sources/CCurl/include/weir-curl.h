#pragma once
#include <stddef.h>

// Requests by libcurl, which is opened when it is first needed: with all that it needs it takes 9 MB of memory, and
// most Weirs send nothing over HTTP.

/// Opens libcurl. Call it once, before all else. Returns NULL, or what is missing.
const char *weir_curl_open(void);

/// Whether it can sign requests, which libcurl before 7.75 can't. Only after it was opened.
int weir_curl_can_sign(void);

/// What all requests of a handle have in common. Texts are copied; NULL for none.
typedef struct {
  const char *user_agent;
  /// `user:password`
  const char *credentials;
  /// Hosts that are not asked through a proxy, as in `no_proxy`; NULL for those that the environment names.
  const char *no_proxy;
  /// A file of certificates that servers are checked against.
  const char *ca_file;
  long connect_seconds;
} weir_curl_settings;

/// Returns NULL if there is no memory, or if libcurl can't be kept to HTTP and HTTPS.
void *weir_curl_new(const weir_curl_settings *settings);
void weir_curl_free(void *handle);

/// Called with each part of an answer's body. Returns what it has taken; less ends the request.
typedef size_t (*weir_curl_writer)(const char *bytes, size_t count, void *context);

/// Called about once a second while a request waits. Not 0 ends it.
typedef int (*weir_curl_question)(void *context);

typedef struct {
  const char *url;
  /// NULL for GET, or POST where there is a body.
  const char *method;
  /// `Name: value`, as many as `header_count`.
  const char *const *headers;
  size_t header_count;
  /// Whether the body is sent with POST, also an empty one; 0 to GET.
  int has_body;
  const char *body;
  size_t body_length;
  /// What `CURLOPT_AWS_SIGV4` takes, to sign the request with `key`; NULL to sign nothing. A signed request has a
  /// connection of its own.
  const char *signature;
  /// `access key:secret key`. libcurl holds it during the call only.
  const char *key;
  /// At least 1.
  long milliseconds;
  weir_curl_writer writer;
  /// NULL to wait for the whole time.
  weir_curl_question has_ended;
  void *context;
} weir_curl_request;

/// Sends a request and waits for the end of its answer. Returns NULL, or why there was none; the text stays valid.
/// `was_connected` says whether the server may have got the request.
const char *weir_curl_send(
  void *handle, const weir_curl_request *request, long *status, int *was_connected);
