#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tls.h"

struct tls {
	SSL_CTX		*ctx;
};

struct tls_conn {
	SSL		*ssl;
};

int
tls_open(struct tls **out, const char *cafile, struct fault *f)
{
	struct tls *t = calloc(1, sizeof(*t));
	int ok;

	if (*cafile != '\0' && access(cafile, R_OK) == -1) {
		free(t);
		return fault_sys(f, EX_CONFIG, "caFile %s", cafile);
	}
	if (t == NULL || (t->ctx = SSL_CTX_new(TLS_client_method())) == NULL) {
		free(t);
		return fault_set(f, EX_OSERR, "OpenSSL does not start");
	}
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
	/* A read(2) for some 16 KB of records and not two for each.  More is no
	 * gain: after every record the rest of the buffer is moved to its front. */
	SSL_CTX_set_read_ahead(t->ctx, 1);
	ok = *cafile != '\0' ? SSL_CTX_load_verify_file(t->ctx, cafile) :
	    SSL_CTX_set_default_verify_paths(t->ctx);
	if (ok != 1) {
		tls_close(t);
		return *cafile != '\0' ? fault_set(f, EX_CONFIG, "caFile %s "
		    "holds no certificates", cafile) : fault_set(f, EX_OSERR,
		    "OpenSSL: no certificates of this system");
	}
	*out = t;
	return 0;
}

void
tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* What the certificate must be for, and what the server is told. */
static int
expect(SSL *ssl, const char *host)
{
	static const unsigned char http[] = "\x08http/1.1";
	struct in6_addr a;

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (SSL_set_alpn_protos(ssl, http, sizeof(http) - 1) != 0)
		return 0;
	if (inet_pton(AF_INET, host, &a) == 1 ||
	    inet_pton(AF_INET6, host, &a) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

int
tls_begin(struct tls_conn **out, struct tls *t, int fd, const char *host,
    struct fault *f)
{
	struct tls_conn *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->ssl = SSL_new(t->ctx)) == NULL ||
	    expect(c->ssl, host) != 1 || SSL_set_fd(c->ssl, fd) != 1) {
		tls_end(c);
		return fault_set(f, EX_OSERR, "OpenSSL does not take %s", host);
	}
	SSL_set_connect_state(c->ssl);
	*out = c;
	return 0;
}

/* What went wrong, in OpenSSL's words. */
static int
failed(struct fault *f, int error, int e)
{
	unsigned long code = ERR_peek_error();
	const char *s = code != 0 ? ERR_reason_error_string(code) : NULL;

	if (error == SSL_ERROR_SYSCALL && e != 0)
		s = strerror(e);
	fault_set(f, EX_TEMPFAIL, "TLS: %s", s != NULL ? s :
	    "it cannot be understood");
	return TLS_FAIL;
}

/* What to look at when a certificate does not verify. */
static const char *
remedy(long bad)
{
	switch (bad) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "check the clock of this machine";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "check the URL, and that nobody is between";
	default:
		return "see caFile, and check that nobody is between";
	}
}

/* The result of an operation that gave rc <= 0; e is errno after it. */
static int
verdict(struct tls_conn *c, int rc, int e, struct fault *f)
{
	int error = SSL_get_error(c->ssl, rc);

	switch (error) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_IN;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_OUT;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_END;
	case SSL_ERROR_SYSCALL:
		return e == 0 ? TLS_END : failed(f, error, e);
	default:
		return ERR_GET_REASON(ERR_peek_error()) ==
		    SSL_R_UNEXPECTED_EOF_WHILE_READING ? TLS_END :
		    failed(f, error, e);
	}
}

int
tls_handshake(struct tls_conn *c, struct fault *f)
{
	long bad;
	int rc;

	ERR_clear_error();
	errno = 0;
	if ((rc = SSL_connect(c->ssl)) == 1)
		return 1;
	rc = verdict(c, rc, errno, f);
	if (rc == TLS_FAIL && (bad = SSL_get_verify_result(c->ssl)) != X509_V_OK)
		fault_set(f, EX_UNAVAILABLE, "the certificate does not verify: "
		    "%s; %s", X509_verify_cert_error_string(bad), remedy(bad));
	return rc;
}

ssize_t
tls_read(struct tls_conn *c, void *p, size_t n, struct fault *f)
{
	size_t did;
	int rc;

	ERR_clear_error();
	errno = 0;
	if ((rc = SSL_read_ex(c->ssl, p, n, &did)) == 1)
		return (ssize_t)did;
	return verdict(c, rc, errno, f);
}

ssize_t
tls_write(struct tls_conn *c, const void *p, size_t n, struct fault *f)
{
	size_t did;
	int rc;

	ERR_clear_error();
	errno = 0;
	if ((rc = SSL_write_ex(c->ssl, p, n, &did)) == 1)
		return (ssize_t)did;
	return verdict(c, rc, errno, f);
}

bool
tls_pending(const struct tls_conn *c)
{
	return SSL_has_pending(c->ssl) == 1;
}

void
tls_end(struct tls_conn *c)
{
	if (c == NULL)
		return;
	SSL_free(c->ssl);
	free(c);
}
