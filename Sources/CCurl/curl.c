#include "weir-curl.h"

// The library that is opened may be older or newer than these headers.
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
#include <dlfcn.h>

#if LIBCURL_VERSION_NUM < 0x075500
#define CURLOPT_PROTOCOLS_STR ((CURLoption)(CURLOPTTYPE_OBJECTPOINT + 318))
#endif

static struct {
  CURLcode (*global_init)(long flags);
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
  CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
  CURLcode (*easy_perform)(CURL *handle);
  void (*easy_cleanup)(CURL *handle);
  const char *(*easy_strerror)(CURLcode code);
  struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
  void (*slist_free_all)(struct curl_slist *list);
} curl;

const char *weir_curl_open(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define FIND(name)                                        \
  *(void **)&curl.name = dlsym(library, "curl_" #name);   \
  if (!curl.name) return "libcurl.so.4 has no curl_" #name
  FIND(global_init);
  FIND(easy_init);
  FIND(easy_setopt);
  FIND(easy_getinfo);
  FIND(easy_perform);
  FIND(easy_cleanup);
  FIND(easy_strerror);
  FIND(slist_append);
  FIND(slist_free_all);
#undef FIND
  return curl.global_init(CURL_GLOBAL_ALL) == CURLE_OK ? NULL : "libcurl could not be started";
}

int weir_curl_can_sign(void) {
  CURL *handle = curl.easy_init();
  if (!handle) return 0;
  int can_sign = curl.easy_setopt(handle, CURLOPT_AWS_SIGV4, "aws:amz:a:b") == CURLE_OK;
  curl.easy_cleanup(handle);
  return can_sign;
}

/// HTTP and HTTPS alone. The option had another form before 7.85.
static int keep_to_http(CURL *handle) {
  return curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK ||
    curl.easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
}

/// libcurl passes `size` as 1 and the writer as the context.
static size_t write_part(char *bytes, size_t size, size_t count, void *context) {
  const weir_curl_request *request = context;
  return request->writer(bytes, size * count, request->context);
}

static int progress(
  void *context, curl_off_t down, curl_off_t down_now, curl_off_t up, curl_off_t up_now) {
  const weir_curl_request *request = context;
  return request->has_ended(request->context);
}

void *weir_curl_new(const weir_curl_settings *settings) {
  CURL *handle = curl.easy_init();
  if (!handle) return NULL;
  if (!keep_to_http(handle)) {
    curl.easy_cleanup(handle);
    return NULL;
  }
  curl.easy_setopt(handle, CURLOPT_USERAGENT, settings->user_agent);
  if (settings->credentials) {
    curl.easy_setopt(handle, CURLOPT_USERPWD, settings->credentials);
    curl.easy_setopt(handle, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
  }
  if (settings->no_proxy) curl.easy_setopt(handle, CURLOPT_NOPROXY, settings->no_proxy);
  if (settings->ca_file) curl.easy_setopt(handle, CURLOPT_CAINFO, settings->ca_file);
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, settings->connect_seconds);
  curl.easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, write_part);
  curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
  return handle;
}

void weir_curl_free(void *handle) { curl.easy_cleanup(handle); }

/// The headers of a request. Returns NULL if there is no memory.
static struct curl_slist *headers_of(const weir_curl_request *request) {
  // Without this line curl would wait for a permission to send a long body. libcurl 7.88 signs a header that is
  // switched off, so a signed request must not have the line. Its body has to be shorter than 1 MiB.
  struct curl_slist *headers = NULL;
  if (!request->signature && !(headers = curl.slist_append(NULL, "Expect:"))) return NULL;
  for (size_t index = 0; index < request->header_count; index++) {
    struct curl_slist *longer = curl.slist_append(headers, request->headers[index]);
    if (!longer) {
      curl.slist_free_all(headers);
      return NULL;
    }
    headers = longer;
  }
  return headers;
}

const char *weir_curl_send(
  void *handle, const weir_curl_request *request, long *status, int *was_connected) {
  *was_connected = 0;
  struct curl_slist *headers = headers_of(request);
  if (!headers && (request->header_count || !request->signature))
    return curl.easy_strerror(CURLE_OUT_OF_MEMORY);
  curl.easy_setopt(handle, CURLOPT_URL, request->url);
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, request->milliseconds);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, (void *)request);
  curl.easy_setopt(handle, CURLOPT_XFERINFODATA, (void *)request);
  curl.easy_setopt(handle, CURLOPT_NOPROGRESS, request->has_ended ? 0L : 1L);
  if (request->has_body) {
    curl.easy_setopt(handle, CURLOPT_POST, 1L);
    curl.easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    curl.easy_setopt(handle, CURLOPT_POSTFIELDS, request->body ? request->body : "");
  } else {
    curl.easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  }
  curl.easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
  CURLcode code = CURLE_OK;
  if (request->signature) {
    curl.easy_setopt(handle, CURLOPT_USERPWD, request->key);
    // If a connection that was kept turns out to be closed, libcurl sends a request again by itself, and nobody
    // would know that it may have arrived twice.
    curl.easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl.easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    code = curl.easy_setopt(handle, CURLOPT_AWS_SIGV4, request->signature);
  }
  if (code == CURLE_OK) {
    code = curl.easy_perform(handle);
    double seconds = 0;
    curl.easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME, &seconds);
    *was_connected = seconds > 0;
  }
  if (request->signature) curl.easy_setopt(handle, CURLOPT_USERPWD, NULL);
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, NULL);
  curl.slist_free_all(headers);
  if (code != CURLE_OK) return curl.easy_strerror(code);
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
  return NULL;
}
