#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What OpenSSL has as macros, which Swift does not see.

static inline int weir_min_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}

static inline int weir_max_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_max_proto_version(context, version);
}

static inline int weir_groups(SSL_CTX *context, const char *names) {
  return (int)SSL_CTX_set1_groups_list(context, names);
}

static inline void weir_modes(SSL_CTX *context) {
  // A read returns after each record that carries no data, such as a change of keys, so that a client
  // that sends nothing else gets no more than its turn.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int weir_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int weir_error_reason(unsigned long code) { return ERR_GET_REASON(code); }

/// A name of a certificate's, as text. Returns its kind (GEN_DNS, GEN_EMAIL, GEN_URI, GEN_IPADD;
/// 0 for what is of no use here, -1 past the last); the bytes live as long as `names`.
static inline int weir_alternative_name(const GENERAL_NAMES *names, int index,
                                        const unsigned char **bytes, int *count) {
  if (!names || index >= sk_GENERAL_NAME_num(names)) return -1;
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  const ASN1_STRING *text = NULL;
  switch (name->type) {
  case GEN_DNS: text = name->d.dNSName; break;
  case GEN_EMAIL: text = name->d.rfc822Name; break;
  case GEN_URI: text = name->d.uniformResourceIdentifier; break;
  case GEN_IPADD: text = name->d.iPAddress; break;
  default: return 0;
  }
  *bytes = ASN1_STRING_get0_data(text);
  *count = ASN1_STRING_length(text);
  return name->type;
}

// Flags of 64 bits, whose macros Swift cannot read.
static const uint64_t SSL_OP_NO_RENEGOTIATION_FLAG = SSL_OP_NO_RENEGOTIATION;
static const uint64_t SSL_OP_NO_TICKET_FLAG = SSL_OP_NO_TICKET;
static const uint64_t SSL_OP_NO_COMPRESSION_FLAG = SSL_OP_NO_COMPRESSION;
static const uint64_t SSL_OP_CIPHER_SERVER_PREFERENCE_FLAG = SSL_OP_CIPHER_SERVER_PREFERENCE;
