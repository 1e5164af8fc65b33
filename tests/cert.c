/* Certificates made and read: what they are good for, how long, for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cert.h"

static char dir[] = "/tmp/cert.XXXXXX";

static int
enter(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) == -1;
}

static int
leave(void **state)
{
	static const char *const names[] = { "c", "k", "k2", "c2" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		(void)unlink(names[i]);		/* not all are there */
	return rmdir(dir);
}

static X509 *
read_cert(const char *path)
{
	FILE *in = fopen(path, "r");
	X509 *x;

	assert_non_null(in);
	x = PEM_read_X509(in, NULL, NULL, NULL);
	fclose(in);
	assert_non_null(x);
	return x;
}

static void
is_of_this_machine(void **state)
{
	struct fault f = { 0 };
	X509 *x;

	(void)state;
	assert_int_equal(cert_make("c", "k", &f), 0);
	assert_int_equal(cert_check("c", "k", &f), 0);
	x = read_cert("c");
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	assert_int_equal(X509_check_host(x, "kite.zerodha.com", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.2", 0), 0);
	X509_free(x);
}

/* As a server's, trusted as its own issuer, now. */
static void
verifies(void **state)
{
	X509 *x = read_cert("c");
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	(void)state;
	assert_int_equal(X509_STORE_add_cert(store, x), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, x, NULL), 1);
	assert_int_equal(X509_STORE_CTX_set_default(ctx, "ssl_server"), 1);
	assert_int_equal(X509_verify_cert(ctx), 1);
	X509_STORE_CTX_free(ctx);
	/* not next year */
	ctx = X509_STORE_CTX_new();
	assert_int_equal(X509_STORE_CTX_init(ctx, store, x, NULL), 1);
	X509_STORE_CTX_set_time(ctx, 0, time(NULL) + 365 * 86400);
	assert_int_equal(X509_verify_cert(ctx), 0);
	assert_int_equal(X509_STORE_CTX_get_error(ctx),
	    X509_V_ERR_CERT_HAS_EXPIRED);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(x);
}

static void
key_is_private_and_new(void **state)
{
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(stat("k", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(cert_make("c2", "k2", &f), 0);
	assert_int_equal(cert_check("c2", "k", &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_string_equal(f.text, "k: is not the key of c2");
}

static void
what_is_none(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(cert_check("nothing", "k", &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	assert_int_equal(cert_check("c", "nothing", &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	assert_int_equal(cert_check("k", "k", &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_int_equal(cert_check("c", "c", &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_int_equal(cert_make("no/such/c", "no/such/k", &f), -1);
	assert_int_equal(f.ex, EX_CANTCREAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_of_this_machine),
		cmocka_unit_test(verifies),
		cmocka_unit_test(key_is_private_and_new),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests_name("cert", tests, enter, leave);
}
