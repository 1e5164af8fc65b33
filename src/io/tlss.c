#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cert.h"
#include "tlss.h"

enum { RECORD = 16384, PATH = 4096 };	/* bytes */

struct tlss {
	SSL_CTX		*ctx;
	char		 cert[PATH], key[PATH];
	struct stat	 seen[2];	/* of both, when they were read */
};

struct tlss_conn {
	SSL		*ssl;
	char		*held;		/* a record that is half sent: OpenSSL
					 * wants the same bytes again */
	size_t		 nheld;
};

/* ---- the certificate ---- */

/* Whoever has the key can pretend to be this server. */
static int
private(const char *key, struct fault *f)
{
	struct stat st;

	if (stat(key, &st) == -1)
		return fault_sys(f, EX_CONFIG, "castKey %s", key);
	if ((st.st_mode & S_IRWXO) != 0)
		return fault_set(f, EX_CONFIG, "castKey %s: everybody may read "
		    "it; run: chmod 600 %s", key, key);
	return 0;
}

static SSL_CTX *
make(const char *cert, const char *key, struct fault *f)
{
	SSL_CTX *ctx;

	if (private(key, f) != 0 || cert_check(cert, key, f) != 0) {
		f->ex = EX_CONFIG;
		return NULL;
	}
	ERR_clear_error();
	if ((ctx = SSL_CTX_new(TLS_server_method())) == NULL) {
		fault_set(f, EX_OSERR, "OpenSSL does not start");
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
	    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_num_tickets(ctx, 0);
	/* A connection with nothing to say holds no buffers. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY |
	    SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) == 1 &&
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(ctx) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	fault_set(f, EX_CONFIG, "castCert %s: OpenSSL does not take it with "
	    "its key", cert);
	return NULL;
}

/* Whether they are others than before. */
static bool
look(struct tlss *t)
{
	const char *const path[] = { t->cert, t->key };
	bool other = false;
	struct stat st;

	for (int i = 0; i < 2; i++) {
		struct stat *s = &t->seen[i];

		if (stat(path[i], &st) == -1)
			memset(&st, 0, sizeof(st));
		other |= st.st_ino != s->st_ino || st.st_size != s->st_size ||
		    st.st_mode != s->st_mode ||
		    st.st_mtim.tv_sec != s->st_mtim.tv_sec ||
		    st.st_mtim.tv_nsec != s->st_mtim.tv_nsec;
		*s = st;
	}
	return other;
}

int
tlss_open(struct tlss **out, const char *cert, const char *key,
    struct fault *f)
{
	struct tlss *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return fault_sys(f, EX_OSERR, "castCert %s", cert);
	if ((size_t)snprintf(t->cert, sizeof(t->cert), "%s", cert) >=
	    sizeof(t->cert) || (size_t)snprintf(t->key, sizeof(t->key), "%s",
	    key) >= sizeof(t->key)) {
		free(t);
		return fault_set(f, EX_CONFIG, "castCert, castKey: too long");
	}
	(void)look(t);
	if ((t->ctx = make(cert, key, f)) == NULL) {
		free(t);
		return -1;
	}
	*out = t;
	return 0;
}

void
tlss_close(struct tlss *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

int
tlss_renew(struct tlss *t, struct fault *f)
{
	SSL_CTX *ctx;

	if (!look(t))
		return 0;
	if ((ctx = make(t->cert, t->key, f)) == NULL)
		return -1;
	SSL_CTX_free(t->ctx);		/* its connections have it too */
	t->ctx = ctx;
	return 1;
}

bool
tlss_named(const struct tlss *t, const char *host)
{
	X509 *x = SSL_CTX_get0_certificate(t->ctx);

	return x != NULL && X509_check_host(x, host, strlen(host),
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

/* ---- a connection ---- */

struct tlss_conn *
tlss_begin(struct tlss *t, int fd)
{
	struct tlss_conn *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->ssl = SSL_new(t->ctx)) == NULL ||
	    SSL_set_fd(c->ssl, fd) != 1) {
		tlss_end(c);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_accept_state(c->ssl);
	return c;
}

void
tlss_end(struct tlss_conn *c)
{
	if (c == NULL)
		return;
	SSL_free(c->ssl);
	free(c->held);
	free(c);
}

static int
verdict(const struct tlss_conn *c, int rc)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return TLSS_WAIT;
	case SSL_ERROR_ZERO_RETURN:
		return TLSS_END;
	default:
		return TLSS_FAIL;
	}
}

int
tlss_handshake(struct tlss_conn *c)
{
	int rc;

	ERR_clear_error();
	if ((rc = SSL_accept(c->ssl)) == 1)
		return 1;
	return verdict(c, rc) == TLSS_WAIT ? TLSS_WAIT : TLSS_FAIL;
}

bool
tlss_ready(const struct tlss_conn *c)
{
	return SSL_is_init_finished(c->ssl) == 1;
}

ssize_t
tlss_read(struct tlss_conn *c, void *p, size_t n)
{
	size_t did;
	int rc;

	ERR_clear_error();
	if ((rc = SSL_read_ex(c->ssl, p, n, &did)) == 1)
		return (ssize_t)did;
	return verdict(c, rc);
}

/* One record; what the socket does not take of it is held. */
static int
put(struct tlss_conn *c, const void *p, size_t n)
{
	size_t did;
	int rc;

	ERR_clear_error();
	if ((rc = SSL_write_ex(c->ssl, p, n, &did)) == 1) {
		free(c->held);
		c->held = NULL;
		return 1;
	}
	rc = verdict(c, rc);
	if (rc != TLSS_WAIT || c->held != NULL)
		return rc == TLSS_WAIT ? TLSS_WAIT : TLSS_FAIL;
	if ((c->held = malloc(n)) == NULL)
		return TLSS_FAIL;
	memcpy(c->held, p, n);
	c->nheld = n;
	return TLSS_WAIT;
}

ssize_t
tlss_write(struct tlss_conn *c, const struct iovec *iov, int parts)
{
	ssize_t did = 0;
	int rc;

	if (c->held != NULL && (rc = put(c, c->held, c->nheld)) != 1)
		return rc;
	for (int i = 0; i < parts; i++)
		for (size_t at = 0, n; at < iov[i].iov_len; at += n) {
			n = iov[i].iov_len - at;
			if (n > RECORD)
				n = RECORD;
			rc = put(c, (char *)iov[i].iov_base + at, n);
			if (rc == TLSS_FAIL)
				return rc;
			did += (ssize_t)n;
			if (rc == TLSS_WAIT)
				return did;
		}
	return did;
}

bool
tlss_held(const struct tlss_conn *c)
{
	return c->held != NULL;
}

void
tlss_bye(struct tlss_conn *c)
{
	ERR_clear_error();
	if (tlss_ready(c))
		(void)SSL_shutdown(c->ssl);	/* the socket ends anyway */
}
