// TLS, digests and MACs by OpenSSL alone: both ends in one thread, joined by memory BIOs. A second,
// idle thread makes the allocator lock, as it does in every Java process. Prints
// what was negotiated, and how many operations a workload reaches in a second of processor time.
//
//   tls WORKLOAD SECONDS      aes chacha ping full resumed sha16k sha64 hmac16k hmac64
//                             memory: bytes that a side of a connection takes
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RECORD = 16384, PING = 64 };

static SSL_CTX *server_context, *client_context;
static SSL_SESSION *session;
static unsigned char plain[RECORD], out[RECORD];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void check(int ok, const char *what) {
  if (!ok) {
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
  }
}

static void make_contexts(const char *suite) {
  EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
  X509 *cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
  X509_gmtime_adj(X509_getm_notAfter(cert), 864000);
  X509_NAME *name = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"c", -1, -1, 0);
  X509_set_issuer_name(cert, name);
  X509_set_pubkey(cert, key);
  check(X509_sign(cert, key, EVP_sha256()) > 0, "sign");
  server_context = SSL_CTX_new(TLS_server_method());
  client_context = SSL_CTX_new(TLS_client_method());
  SSL_CTX *both[] = {server_context, client_context};
  for (int i = 0; i < 2; i++) {
    SSL_CTX_set_min_proto_version(both[i], TLS1_3_VERSION);
    check(SSL_CTX_set_ciphersuites(both[i], suite), "suite");
    SSL_CTX_set1_groups_list(both[i], "X25519:P-256");
    SSL_CTX_set_session_cache_mode(both[i], SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(both[i], SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS
        | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  SSL_CTX_use_certificate(server_context, cert);
  SSL_CTX_use_PrivateKey(server_context, key);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(client_context), cert);
  SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
}

static void connect_both(SSL **client, SSL **server) {
  BIO *up = BIO_new(BIO_s_mem()), *down = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(up, -1);
  BIO_set_mem_eof_return(down, -1);
  BIO_up_ref(up);
  BIO_up_ref(down);
  *client = SSL_new(client_context);
  *server = SSL_new(server_context);
  SSL_set_bio(*client, down, up);
  SSL_set_bio(*server, up, down);
  SSL_set_connect_state(*client);
  SSL_set_accept_state(*server);
  if (session != NULL) {
    SSL_set_session(*client, session);
  }
  int done = 0;
  for (int i = 0; i < 10 && done < 2; i++) {
    done = (SSL_do_handshake(*client) == 1) + (SSL_do_handshake(*server) == 1);
  }
  check(done == 2, "handshake");
}

static void take_session(SSL *client) {
  size_t n;
  SSL_read_ex(client, out, RECORD, &n); // brings the tickets
  SSL_SESSION_free(session);
  session = SSL_get1_session(client);
}

static void disconnect(SSL *client, SSL *server) {
  size_t n;
  SSL_shutdown(client);
  SSL_read_ex(server, out, RECORD, &n);
  SSL_shutdown(server);
  SSL_free(client);
  SSL_free(server);
}

static void carry(SSL *from, SSL *to, size_t length) {
  size_t n = 0;
  check(SSL_write_ex(from, plain, length, &n) && n == length, "write");
  check(SSL_read_ex(to, out, RECORD, &n) && n == length, "read");
}

static long resident(void) {
  long size = 0, pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  check(f != NULL && fscanf(f, "%ld %ld", &size, &pages) == 2, "statm");
  fclose(f);
  return pages * 4096;
}

// What compare/tls.sh holds against the row's name.
static void tell(SSL *client) {
  printf("did %s %s %s %s\n", SSL_get_version(client),
      SSL_CIPHER_standard_name(SSL_get_current_cipher(client)),
      SSL_group_to_name(client, SSL_get_negotiated_group(client)),
      SSL_session_reused(client) ? "resumed" : "full");
}

static void measure_memory(void) {
  enum { CONNECTIONS = 500 };
  SSL *client, *server;
  long before = resident();
  for (int i = 0; i < CONNECTIONS; i++) {
    connect_both(&client, &server);
    size_t n;
    SSL_read_ex(client, out, RECORD, &n); // brings the tickets
    if (i == 0) {
      tell(client);
    }
  }
  printf("%ld\n", (resident() - before) / (2 * CONNECTIONS));
}

static EVP_MD *md;
static EVP_MD_CTX *md_context;
static EVP_MAC_CTX *mac_context;

static void prepare_hash(void) {
  md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
  md_context = EVP_MD_CTX_new();
  mac_context = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA2-256", 0),
    OSSL_PARAM_construct_end()};
  check(EVP_MAC_init(mac_context, plain, 32, params), "mac");
}

static void sha(size_t length) {
  EVP_DigestInit_ex2(md_context, md, NULL);
  EVP_DigestUpdate(md_context, plain, length);
  EVP_DigestFinal_ex(md_context, out, NULL);
}

static void hmac(size_t length) {
  size_t n;
  EVP_MAC_init(mac_context, NULL, 0, NULL);
  EVP_MAC_update(mac_context, plain, length);
  EVP_MAC_final(mac_context, out, &n, 64);
}

static void *idle(void *none) {
  pause();
  return none;
}

int main(int argc, char **argv) {
  const char *work = argc > 1 ? argv[1] : "aes";
  double seconds = argc > 2 ? atof(argv[2]) : 1;
  SSL *client = NULL, *server = NULL;
  pthread_t thread;
  check(pthread_create(&thread, NULL, idle, NULL) == 0, "thread");
  make_contexts(strcmp(work, "chacha") == 0
      ? "TLS_CHACHA20_POLY1305_SHA256" : "TLS_AES_128_GCM_SHA256");
  prepare_hash();
  if (strcmp(work, "memory") == 0) {
    measure_memory();
    return 0;
  }
  int is_handshake = strcmp(work, "full") == 0 || strcmp(work, "resumed") == 0;
  int resumes = strcmp(work, "resumed") == 0;
  connect_both(&client, &server);
  if (resumes) {
    take_session(client);
    disconnect(client, server);
    connect_both(&client, &server);
    take_session(client);
  }
  if (strncmp(work, "sha", 3) != 0 && strncmp(work, "hmac", 4) != 0) {
    tell(client);
  }
  if (is_handshake) {
    disconnect(client, server);
  }
  long count = 0;
  double begin = now(), end;
  do {
    for (int i = 0; i < 64; i++) {
      if (is_handshake) {
        connect_both(&client, &server);
        if (resumes) {
          check(SSL_session_reused(client), "resumed");
          take_session(client);
        }
        disconnect(client, server);
      } else if (strcmp(work, "ping") == 0) {
        carry(client, server, PING);
        carry(server, client, PING);
      } else if (strcmp(work, "sha16k") == 0) {
        sha(RECORD);
      } else if (strcmp(work, "sha64") == 0) {
        sha(PING);
      } else if (strcmp(work, "hmac16k") == 0) {
        hmac(RECORD);
      } else if (strcmp(work, "hmac64") == 0) {
        hmac(PING);
      } else {
        carry(client, server, RECORD);
      }
    }
    count += 64;
    end = now();
  } while (end - begin < seconds);
  printf("%.0f\n", count / (end - begin));
  return 0;
}
