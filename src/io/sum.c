#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sum.h"

struct sum {
	EVP_MD_CTX	*ctx;
	bool		 bad;	/* a piece could not be taken */
};

struct sum *
sum_new(void)
{
	struct sum *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1) {
		sum_end(s, NULL);
		return NULL;
	}
	return s;
}

void
sum_add(struct sum *s, const void *p, size_t n)
{
	if (EVP_DigestUpdate(s->ctx, p, n) != 1)
		s->bad = true;
}

int
sum_end(struct sum *s, char *hex)
{
	static const char digit[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int rc = -1;

	if (s == NULL)
		return -1;
	if (hex != NULL && !s->bad &&
	    EVP_DigestFinal_ex(s->ctx, md, &n) == 1 && n == SUM_HEX / 2) {
		for (unsigned i = 0; i < n; i++) {
			hex[2 * i] = digit[md[i] >> 4];
			hex[2 * i + 1] = digit[md[i] & 15];
		}
		hex[2 * n] = '\0';
		rc = 0;
	}
	EVP_MD_CTX_free(s->ctx);
	free(s);
	return rc;
}

int
sum_bytes(const void *p, size_t n, char *hex)
{
	struct sum *s = sum_new();

	if (s == NULL)
		return -1;
	sum_add(s, p, n);
	return sum_end(s, hex);
}

int
sum_file(const char *path, char *hex, uint64_t *size, struct fault *f)
{
	char block[65536];
	struct sum *s;
	uint64_t total = 0;
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if ((s = sum_new()) == NULL) {
		close(fd);
		errno = ENOMEM;
		return fault_sys(f, 0, "%s", path);
	}
	while ((n = read(fd, block, sizeof(block))) > 0) {
		sum_add(s, block, (size_t)n);
		total += (uint64_t)n;
	}
	if (n == -1) {
		fault_sys(f, EX_IOERR, "%s", path);
		close(fd);
		sum_end(s, NULL);
		return -1;
	}
	close(fd);
	if (sum_end(s, hex) != 0)
		return fault_set(f, EX_SOFTWARE, "%s: no SHA-256 from the "
		    "cryptographic library", path);
	if (size != NULL)
		*size = total;
	return 0;
}

int
sum_sha1(const void *p, size_t n, uint8_t out[SUM_SHA1])
{
	return EVP_Digest(p, n, out, NULL, EVP_sha1(), NULL) == 1 ? 0 : -1;
}

bool
sum_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
