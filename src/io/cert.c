#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "cert.h"
#include "file.h"

enum { DAY_S = 86400, SERIAL_BITS = 127 };

/* ---- making one ---- */

/* It is its own issuer, and so the one to be trusted. */
static const struct {
	int		 nid;
	const char	*value;
} extension[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	{ NID_key_usage, "critical,digitalSignature,keyCertSign" },
	{ NID_ext_key_usage, "serverAuth" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1" },
};

static int
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	int ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	if ((e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value)) == NULL)
		return -1;
	ok = X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return ok == 1 ? 0 : -1;
}

/* A serial number of its own, so that a client that remembers an older one of
 * ours does not take them for the same. */
static int
set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	int ok = n != NULL && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ANY,
	    BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;

	BN_free(n);
	return ok ? 0 : -1;
}

/* Good from a day ago by the real clock, which is the one that is verified by,
 * whatever DAS_CLOCK says. */
static int
fill(X509 *x, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(x);

	if (X509_set_version(x, X509_VERSION_3) != 1 || set_serial(x) != 0 ||
	    X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(x),
	    (long)CERT_DAYS * DAY_S) == NULL ||
	    X509_set_pubkey(x, key) != 1 ||
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"das-sim, this machine only", -1, -1,
	    0) != 1 || X509_set_issuer_name(x, name) != 1)
		return -1;
	for (size_t i = 0; i < sizeof(extension) / sizeof(*extension); i++)
		if (add_extension(x, extension[i].nid,
		    extension[i].value) != 0)
			return -1;
	return X509_sign(x, key, EVP_sha256()) != 0 ? 0 : -1;
}

static int
put_pem(const char *path, mode_t mode, BIO *pem, struct fault *f)
{
	char *p;
	long n = BIO_get_mem_data(pem, &p);

	return file_put(path, mode, p, (size_t)n, f);
}

int
cert_make(const char *cert, const char *key, struct fault *f)
{
	EVP_PKEY *k = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *kb = BIO_new(BIO_s_mem()), *xb = BIO_new(BIO_s_mem());
	int rc = -1;

	if (k == NULL || x == NULL || kb == NULL || xb == NULL ||
	    fill(x, k) != 0 || PEM_write_bio_X509(xb, x) != 1 ||
	    PEM_write_bio_PrivateKey(kb, k, NULL, NULL, 0, NULL, NULL) != 1)
		fault_set(f, EX_SOFTWARE, "%s: no certificate from the "
		    "cryptographic library", cert);
	else if (put_pem(key, 0600, kb, f) == 0)
		rc = put_pem(cert, 0666, xb, f);
	BIO_free(xb);
	BIO_free(kb);
	X509_free(x);
	EVP_PKEY_free(k);
	return rc;
}

/* ---- reading one ---- */

/* Never asks for the password of a key at the terminal. */
static int
no_password(char *p, int size, int writing, void *arg)
{
	(void)p, (void)size, (void)writing, (void)arg;
	return -1;
}

int
cert_check(const char *cert, const char *key, struct fault *f)
{
	FILE *in;
	X509 *x = NULL;
	EVP_PKEY *k = NULL;
	int rc = -1;

	if ((in = fopen(cert, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", cert);
	x = PEM_read_X509(in, NULL, no_password, NULL);
	fclose(in);			/* only read from: nothing to lose */
	if (x == NULL)
		return fault_set(f, EX_DATAERR, "%s: holds no certificate in "
		    "PEM", cert);
	if ((in = fopen(key, "re")) == NULL) {
		fault_sys(f, EX_NOINPUT, "%s", key);
		goto out;
	}
	k = PEM_read_PrivateKey(in, NULL, no_password, NULL);
	fclose(in);
	if (k == NULL)
		fault_set(f, EX_DATAERR, "%s: holds no key in PEM, or one with "
		    "a password", key);
	else if (X509_check_private_key(x, k) != 1)
		fault_set(f, EX_DATAERR, "%s: is not the key of %s", key, cert);
	else
		rc = 0;
out:
	EVP_PKEY_free(k);
	X509_free(x);
	return rc;
}
