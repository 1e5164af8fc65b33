#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clk.h"
#include "http.h"
#include "stop.h"

#ifndef DAS_VERSION
#define DAS_VERSION "unknown"
#endif

enum { BODY_MAX = 1 << 20, SECONDS = 30, CONNECT_SECONDS = 10 };

struct http {
	CURL	*easy;		/* connections, cookies */
	char	*cafile;	/* "": the system's */
};

/* What the callbacks of one request share with it. */
struct take {
	struct buf	*body;
	size_t		 max;
	bool		 over;		/* longer than max */
};

static size_t
on_body(char *p, size_t one, size_t n, void *arg)
{
	struct take *t = arg;

	(void)one;		/* always 1 */
	if (n > t->max - t->body->len) {
		t->over = true;
		return 0;
	}
	return buf_add(t->body, p, n) == 0 ? n : 0;
}

/* Called about once a second and whenever something moves. */
static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)arg, (void)a, (void)b, (void)c, (void)d;
	return stop_asked();
}

/* What holds for every request; set once, because a handle that is reset
 * leaks (libcurl 7.88) what was set up for its cookies. */
static void
set_rules(struct http *h)
{
	CURL *e = h->easy;

	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_COOKIEFILE, "");	/* jar, in memory */
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");	/* all it can */
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*h->cafile != '\0')
		curl_easy_setopt(e, CURLOPT_CAINFO, h->cafile);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
}

int
http_open(struct http **out, const char *cafile, struct fault *f)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (h->easy = curl_easy_init()) == NULL ||
	    (h->cafile = strdup(cafile)) == NULL) {
		http_close(h);
		return fault_set(f, EX_TEMPFAIL, "libcurl: out of memory");
	}
	set_rules(h);
	*out = h;
	return 0;
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->easy);
	free(h->cafile);
	free(h);
}

void
http_reply_free(struct http_reply *r)
{
	buf_free(&r->body);
	*r = (struct http_reply){ 0 };
}

/* ---- URLs ---- */

static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	    (strncmp(host, "127.", 4) == 0 &&
	    host[strspn(host, "0123456789.")] == '\0');
}

/* The parts of a URL that a message may have; all "" when it is none. */
struct place {
	char	 scheme[16];
	char	 host[256];
	char	 port[8];	/* "" when it is the scheme's own */
};

static void
part(CURLU *u, CURLUPart what, unsigned flags, char *out, size_t size)
{
	char *s = NULL;

	*out = '\0';
	if (curl_url_get(u, what, &s, flags) == CURLUE_OK && strlen(s) < size)
		memcpy(out, s, strlen(s) + 1);
	curl_free(s);
}

static int
place_of(const char *url, struct place *p)
{
	CURLU *u = curl_url();
	int rc = -1;

	*p = (struct place){ 0 };
	if (u != NULL && curl_url_set(u, CURLUPART_URL, url,
	    CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) == CURLUE_OK) {
		part(u, CURLUPART_SCHEME, 0, p->scheme, sizeof(p->scheme));
		part(u, CURLUPART_HOST, 0, p->host, sizeof(p->host));
		part(u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, p->port,
		    sizeof(p->port));
		for (char *s = p->host; *s != '\0'; s++)
			if (*s >= 'A' && *s <= 'Z')
				*s += 'a' - 'A';
		rc = *p->scheme != '\0' && *p->host != '\0' ? 0 : -1;
	}
	curl_url_cleanup(u);
	return rc;
}

int
http_origin(const char *url, char *out, size_t size)
{
	struct place p;
	int n;

	if (place_of(url, &p) != 0)
		return -1;
	n = snprintf(out, size, "%s://%s%s%s", p.scheme, p.host,
	    *p.port != '\0' ? ":" : "", p.port);
	return n > 0 && (size_t)n < size ? 0 : -1;
}

bool
http_is_local(const char *url)
{
	struct place p;

	return place_of(url, &p) == 0 && is_loopback(p.host);
}

/* Refuses what is never asked: another scheme, plain http to the outside.
 * Writes r->from. */
static int
check_url(const char *url, struct http_reply *r, bool *local, struct fault *f)
{
	struct place p;

	if (place_of(url, &p) != 0)
		return fault_set(f, EX_CONFIG, "is no URL of a web server; "
		    "correct it in the configuration");
	snprintf(r->from, sizeof(r->from), "%.8s://%.90s%s%s", p.scheme,
	    p.host, *p.port != '\0' ? ":" : "", p.port);
	*local = is_loopback(p.host);
	if (strcmp(p.scheme, "https") != 0 && strcmp(p.scheme, "http") != 0)
		return fault_set(f, EX_CONFIG, "%s: want https", r->from);
	if (strcmp(p.scheme, "http") == 0 && !*local)
		return fault_set(f, EX_CONFIG, "%s: plain http is for this "
		    "machine only; use https", r->from);
	return 0;
}

/* ---- one request ---- */

static struct curl_slist *
header_list(const char *const *headers, bool *ok)
{
	struct curl_slist *list = NULL, *longer;

	for (*ok = true; headers != NULL && *headers != NULL; headers++) {
		if ((longer = curl_slist_append(list, *headers)) == NULL) {
			*ok = false;
			break;
		}
		list = longer;
	}
	return list;
}

/* All that another request may have set differently. */
static void
set_request(CURL *e, const struct http_req *q, struct curl_slist *headers,
    bool local, struct take *t)
{
	long seconds = q->seconds > 0 ? q->seconds : SECONDS;

	curl_easy_setopt(e, CURLOPT_URL, q->url);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_USERAGENT,
	    q->agent != NULL ? q->agent : "das/" DAS_VERSION);
	curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	if (q->form != NULL) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE,
		    (long)strlen(q->form));
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, q->form);
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, q->method);
	curl_easy_setopt(e, CURLOPT_NOPROXY, local ? "*" : NULL);
	curl_easy_setopt(e, CURLOPT_TIMEOUT, seconds);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT,
	    seconds < CONNECT_SECONDS ? seconds : (long)CONNECT_SECONDS);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
}

/* The fault of a request that failed; words is libcurl's own text, wanted only
 * for TLS because other texts may quote what the peer sent. */
static int
explain(struct http *h, CURLcode rc, const char *from, const char *words,
    struct fault *f)
{
	long os = 0;

	switch (rc) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return fault_set(f, EX_UNAVAILABLE, "%s: certificate does not "
		    "verify (%.70s); see caFile and the clock", from, words);
	case CURLE_SSL_CACERT_BADFILE:
		return fault_set(f, EX_CONFIG, "%s: caFile %.80s cannot be "
		    "read", from, h->cafile);
	case CURLE_URL_MALFORMAT:
		return fault_set(f, EX_CONFIG, "%s: bad URL", from);
	case CURLE_UNSUPPORTED_PROTOCOL:	/* HTTP/0.9: no status line */
	case CURLE_WEIRD_SERVER_REPLY:
		return fault_set(f, EX_PROTOCOL, "%s: the answer is no HTTP",
		    from);
	case CURLE_COULDNT_RESOLVE_HOST:
		return fault_set(f, EX_TEMPFAIL, "%s: %s; check the network, "
		    "/etc/resolv.conf and the name", from,
		    curl_easy_strerror(rc));
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WRITE_ERROR:
		return fault_set(f, EX_PROTOCOL, "%s: the answer cannot be "
		    "read (%s)", from, curl_easy_strerror(rc));
	case CURLE_ABORTED_BY_CALLBACK:
		return fault_set(f, EX_TEMPFAIL, "%s: stopped while waiting "
		    "for an answer", from);
	default:
		curl_easy_getinfo(h->easy, CURLINFO_OS_ERRNO, &os);
		return fault_set(f, EX_TEMPFAIL, "%s: %s%s%s", from,
		    curl_easy_strerror(rc), os != 0 ? ": " : "",
		    os != 0 ? strerror((int)os) : "");
	}
}

static void
header(CURL *e, const char *name, char *out, size_t size)
{
	struct curl_header *h;

	*out = '\0';
	if (curl_easy_header(e, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
		snprintf(out, size, "%s", h->value);	/* may be cut */
}

static int
read_reply(CURL *e, struct http_reply *r, struct fault *f)
{
	char *to = NULL;

	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &r->status);
	header(e, "Content-Type", r->type, sizeof(r->type));
	r->type[strcspn(r->type, "; ")] = '\0';
	header(e, "Date", r->date, sizeof(r->date));
	curl_easy_getinfo(e, CURLINFO_REDIRECT_URL, &to);
	if (to != NULL) {
		if (strlen(to) >= sizeof(r->location))
			return fault_set(f, EX_PROTOCOL, "%s: redirects to a "
			    "URL of %zu bytes", r->from, strlen(to));
		memcpy(r->location, to, strlen(to) + 1);
	}
	return buf_room(&r->body, 0) == 0 ? 0 :		/* an empty one is "" */
	    fault_sys(f, 0, "%s", r->from);
}

int
http_do(struct http *h, const struct http_req *q, struct http_reply *r,
    struct fault *f)
{
	struct take t = { &r->body, q->max > 0 ? q->max : BODY_MAX, false };
	char words[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers;
	bool local = false, ok;
	CURLcode rc;

	r->status = 0;
	*r->type = *r->location = *r->date = *r->from = '\0';
	buf_reset(&r->body);
	if (check_url(q->url, r, &local, f) != 0)
		return -1;
	headers = header_list(q->headers, &ok);
	set_request(h->easy, q, headers, local, &t);
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, words);
	rc = ok ? curl_easy_perform(h->easy) : CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(headers);
	if (t.over)
		return fault_set(f, EX_PROTOCOL, "%s: the answer is longer "
		    "than %zu bytes", r->from, t.max);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return fault_set(f, EX_TEMPFAIL, "%s: no whole answer within "
		    "%ld s", r->from, q->seconds > 0 ? q->seconds :
		    (long)SECONDS);
	if (rc != CURLE_OK)
		return explain(h, rc, r->from, words, f);
	return read_reply(h->easy, r, f);
}

int
http_fault(const struct http_reply *r, struct fault *f)
{
	long s = r->status;
	int ex = EX_PROTOCOL;

	if (s >= 200 && s < 300)
		return 0;
	if (s == 401 || s == 403)
		ex = EX_NOPERM;
	else if (s == 408 || s == 429 || s >= 500)
		ex = EX_TEMPFAIL;
	return fault_set(f, ex, "%s: answered %ld%s", r->from, s,
	    s == 429 ? ", too many requests" : s >= 500 ? ", server trouble" :
	    s == 404 ? ", no such page" : ex == EX_NOPERM ? ", refused" :
	    s >= 300 && s < 400 ? ", redirects elsewhere" : "");
}

/* ---- forms and queries ---- */

static int
add_encoded(struct buf *b, const char *s)
{
	static const char digit[] = "0123456789ABCDEF";
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		char hex[3] = { '%', digit[c >> 4], digit[c & 15] };

		if ((strchr(plain, c) != NULL ? buf_add(b, s, 1) :
		    buf_add(b, hex, 3)) != 0)
			return -1;
	}
	return 0;
}

int
http_form_add(struct buf *b, const char *name, const char *value)
{
	if ((b->len > 0 && buf_adds(b, "&") != 0) ||
	    add_encoded(b, name) != 0 || buf_adds(b, "=") != 0)
		return -1;
	return add_encoded(b, value);
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* s[n] decoded; -1: bad escape, a NUL, or no room. */
static int
decode(const char *s, size_t n, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int c = s[i] == '+' ? ' ' : s[i];

		if (s[i] == '%') {
			int hi = i + 2 < n ? hex_digit(s[i + 1]) : -1;
			int lo = hi != -1 ? hex_digit(s[i + 2]) : -1;

			if (lo == -1)
				return -1;
			c = hi << 4 | lo;
			i += 2;
		}
		if (c == '\0' || len + 1 >= size)
			return -1;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return 0;
}

int
http_query_get(const char *url, const char *name, char *out, size_t size)
{
	const char *p = strchr(url, '?'), *end = url + strcspn(url, "#");
	size_t len = strlen(name);

	if (p == NULL || p > end)
		return 0;
	for (p++; p <= end; p++) {
		size_t n = strcspn(p, "&#");

		if (n > len && p[len] == '=' && strncmp(p, name, len) == 0)
			return decode(p + len + 1, n - len - 1, out, size) ==
			    0 ? 1 : -1;
		p += n;
	}
	return 0;
}

int
http_ahead(const struct http_reply *r, int64_t now, int64_t *ahead)
{
	struct tm tm = { 0 };

	if (strptime(r->date, "%a, %d %b %Y %H:%M:%S GMT", &tm) == NULL)
		return -1;
	/* in the mean half a second is cut off */
	*ahead = now - ((int64_t)timegm(&tm) * US_PER_SEC + US_PER_SEC / 2);
	return 0;
}
