/*
 * cert - a certificate for a server on this machine (OpenSSL: X.509)
 *
 * For the simulator: who trusts the certificate (caFile) may talk TLS with
 * localhost, 127.0.0.1 and ::1, and with nobody else.
 */
#ifndef CERT_H
#define CERT_H

#include "fault.h"

enum { CERT_DAYS = 30 };	/* a made one is good for so long */

/*
 * Makes a key (ECDSA, P-256) and a certificate that it has signed itself, and
 * writes them as PEM: the key with mode 0600.  Both are replaced when they are
 * there.  EX_SOFTWARE the library refuses; faults of file_put().
 */
int	cert_make(const char *cert, const char *key, struct fault *f);

/* Are they a certificate and its key, as PEM?  EX_NOINPUT, EX_DATAERR. */
int	cert_check(const char *cert, const char *key, struct fault *f);

#endif
