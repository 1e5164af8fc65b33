#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "smtp.h"
#include "stop.h"

enum { CONNECT_SECONDS = 15, ANSWER_SECONDS = 30, SECONDS = 300 };

struct smtp {
	CURL	*easy;		/* the connection */
	char	*url, *cafile, *user, *pass;
	char	 place[128];	/* scheme, host and port, for messages */
	bool	 local;		/* the server is on loopback */
};

/* One mail under way: what libcurl's callbacks see of it. */
struct talk {
	FILE		*mail;
	bool		 cr_done;	/* the "\r" before a "\n" went out */
	const char	*const *to;	/* the recipient asked for next */
	struct buf	*refused;
	bool		 in_rcpt;	/* the reply that comes is to RCPT */
	bool		 in_mail;	/* MAIL was said: a reply is about it */
	bool		 quit;		/* QUIT was said: replies do not count */
	bool		 junk;		/* a line came that is no reply */
	int		 code;		/* of the reply to the last command, 0:
					 * none yet */
	char		 reply[80];	/* its text */
};

/* ---- the server ---- */

static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	    (strncmp(host, "127.", 4) == 0 &&
	    host[strspn(host, "0123456789.")] == '\0');
}

/* Fills place and local from the URL. */
static int
check_url(struct smtp *s, const char *url, struct fault *f)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLU *u = curl_url();
	int rc = -1;

	if (u == NULL || curl_url_set(u, CURLUPART_URL, url,
	    CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) !=
	    CURLUE_OK || (strcmp(scheme, "smtp") != 0 &&
	    strcmp(scheme, "smtps") != 0)) {
		fault_set(f, EX_CONFIG, "smtpUrl: want smtps://host[:port] or "
		    "smtp://host[:port], name and password are keys of "
		    "their own");
	} else {
		snprintf(s->place, sizeof(s->place), "%s://%.90s:%s", scheme,
		    host, port);
		s->local = is_loopback(host);
		rc = 0;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return rc;
}

int
smtp_open(struct smtp **out, const struct smtp_server *to, struct fault *f)
{
	struct smtp *s = calloc(1, sizeof(*s));

	if (s == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (s->easy = curl_easy_init()) == NULL ||
	    (s->url = strdup(to->url)) == NULL ||
	    (s->cafile = strdup(to->cafile)) == NULL ||
	    (s->user = strdup(to->user)) == NULL ||
	    (s->pass = strdup(to->pass)) == NULL) {
		smtp_close(s);
		return fault_set(f, EX_TEMPFAIL, "libcurl: out of memory");
	}
	if (check_url(s, to->url, f) != 0) {
		smtp_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
smtp_close(struct smtp *s)
{
	if (s == NULL)
		return;
	curl_easy_cleanup(s->easy);
	free(s->url);
	free(s->cafile);
	free(s->user);
	free(s->pass);
	free(s);
}

/* ---- one mail ---- */

/* Gives libcurl the mail with "\r\n" at the ends of lines. */
static size_t
on_read(char *out, size_t one, size_t n, void *arg)
{
	struct talk *t = arg;
	size_t len = 0;
	int c;

	(void)one;			/* always 1 */
	while (len < n && (c = getc(t->mail)) != EOF) {
		if (c == '\n' && !t->cr_done) {
			ungetc(c, t->mail);
			c = '\r';
		}
		t->cr_done = c == '\r';
		out[len++] = (char)c;
	}
	return ferror(t->mail) ? CURL_READFUNC_ABORT : len;
}

/* A line of the server: the last of a reply ("250 ok", not "250-...") counts. */
static void
take_reply(struct talk *t, const char *p, size_t n)
{
	int code = 0;

	for (size_t i = 0; i < 3; i++) {
		if (i >= n || p[i] < '0' || p[i] > '9') {
			t->junk = true;
			return;
		}
		code = code * 10 + (p[i] - '0');
	}
	if (n > 3 && p[3] == '-')
		return;
	t->code = code;
	if (n >= sizeof(t->reply))
		n = sizeof(t->reply) - 1;
	for (size_t i = 0; i < n; i++)
		t->reply[i] = p[i] >= ' ' && p[i] <= '~' ? p[i] : ' ';
	while (n > 0 && t->reply[n - 1] == ' ')
		n--;
	t->reply[n] = '\0';
	if (t->in_rcpt && code >= 400)	/* no memory: then it is not named */
		(void)buf_addf(t->refused, "%s: %s\n", *t->to, t->reply);
	if (t->in_rcpt && *t->to != NULL)
		t->to++;
	t->in_rcpt = false;
}

/* Follows the dialogue, because libcurl does not tell which recipients were
 * refused.  What goes out is looked at only for its verb: it may be a
 * password. */
static int
on_talk(CURL *easy, curl_infotype type, char *p, size_t n, void *arg)
{
	struct talk *t = arg;

	(void)easy;
	if (t->quit)
		return 0;
	if (type == CURLINFO_HEADER_OUT) {
		if ((t->quit = n > 3 && strncmp(p, "QUIT", 4) == 0))
			return 0;	/* keeps the code before it */
		t->code = 0;
		t->in_rcpt = n > 5 && strncmp(p, "RCPT ", 5) == 0 &&
		    *t->to != NULL;
		if (n > 5 && strncmp(p, "MAIL ", 5) == 0)
			t->in_mail = true;
	} else if (type == CURLINFO_HEADER_IN) {
		take_reply(t, p, n);
	}
	return 0;
}

static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)arg, (void)a, (void)b, (void)c, (void)d;
	return stop_asked();
}

static void
set_rules(struct smtp *s)
{
	CURL *e = s->easy;
	/* A local server's own certificate seldom verifies, and nobody listens
	 * in between: there TLS is for those who named a cafile. */
	long tls = !s->local ? CURLUSESSL_ALL :
	    *s->cafile != '\0' ? CURLUSESSL_TRY : CURLUSESSL_NONE;

	curl_easy_setopt(e, CURLOPT_URL, s->url);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_USE_SSL, tls);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*s->cafile != '\0')
		curl_easy_setopt(e, CURLOPT_CAINFO, s->cafile);
	if (*s->pass != '\0') {
		curl_easy_setopt(e, CURLOPT_USERNAME, s->user);
		curl_easy_setopt(e, CURLOPT_PASSWORD, s->pass);
	}
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(e, CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    (long)ANSWER_SECONDS);
	curl_easy_setopt(e, CURLOPT_TIMEOUT, (long)SECONDS);
}

static void
set_watch(CURL *e, struct talk *t)
{
	curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);	/* to on_talk() only */
	curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, on_talk);
	curl_easy_setopt(e, CURLOPT_DEBUGDATA, t);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
}

static void
set_mail(CURL *e, struct talk *t, const char *from, struct curl_slist *to)
{
	curl_easy_setopt(e, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(e, CURLOPT_READDATA, t);
}

/* The server said no: what it meant. */
static int
explain_reply(const struct smtp *s, CURLcode rc, const struct talk *t,
    struct fault *f)
{
	int ex = t->code < 500 ? EX_TEMPFAIL :
	    rc == CURLE_LOGIN_DENIED || t->code == 530 || t->code == 535 ?
	    EX_NOPERM : t->in_mail ? EX_DATAERR : EX_UNAVAILABLE;

	return fault_set(f, ex, "%s: %s%s", s->place, ex == EX_NOPERM ?
	    "login refused: " : "the server answered ", t->reply);
}

static int
explain(struct smtp *s, CURLcode rc, const struct talk *t, struct fault *f)
{
	long os = 0;

	if (t->code >= 400)
		return explain_reply(s, rc, t, f);
	if (t->junk || rc == CURLE_WEIRD_SERVER_REPLY)
		return fault_set(f, EX_PROTOCOL, "%s: the answer is no SMTP",
		    s->place);
	switch (rc) {
	case CURLE_LOGIN_DENIED:
		return fault_set(f, EX_NOPERM, "%s: login refused: no way of "
		    "AUTH that both sides know", s->place);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
		return fault_set(f, EX_UNAVAILABLE, "%s: %s; see caFile, "
		    "smtpUrl and the clock", s->place, curl_easy_strerror(rc));
	case CURLE_USE_SSL_FAILED:
		return fault_set(f, EX_UNAVAILABLE, "%s: the server does not "
		    "turn to TLS (STARTTLS); want smtps:// or another port?",
		    s->place);
	case CURLE_SSL_CACERT_BADFILE:
		return fault_set(f, EX_CONFIG, "%s: caFile %.80s cannot be "
		    "read", s->place, s->cafile);
	case CURLE_ABORTED_BY_CALLBACK:
		if (t->mail != NULL && ferror(t->mail))
			return fault_set(f, EX_IOERR, "the queued mail cannot "
			    "be read");
		return fault_set(f, EX_TEMPFAIL, "%s: stopped while sending",
		    s->place);
	default:
		curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &os);
		return fault_set(f, EX_TEMPFAIL, "%s: %s%s%s", s->place,
		    curl_easy_strerror(rc), os != 0 ? ": " : "",
		    os != 0 ? strerror((int)os) : "");
	}
}

int
smtp_send(struct smtp *s, FILE *mail, const char *from,
    const char *const *to, struct buf *refused, struct fault *f)
{
	struct talk t = { .mail = mail, .to = to, .refused = refused };
	struct curl_slist *list = NULL, *longer;
	CURLcode rc = CURLE_OK;

	buf_reset(refused);
	rewind(mail);
	for (; rc == CURLE_OK && *to != NULL; to++)
		if ((longer = curl_slist_append(list, *to)) != NULL)
			list = longer;
		else
			rc = CURLE_OUT_OF_MEMORY;
	if (rc == CURLE_OK) {
		curl_easy_reset(s->easy);	/* keeps the connection */
		set_rules(s);
		set_watch(s->easy, &t);
		set_mail(s->easy, &t, from, list);
		rc = curl_easy_perform(s->easy);
	}
	curl_slist_free_all(list);
	return rc == CURLE_OK ? 0 : explain(s, rc, &t, f);
}

int
smtp_try(struct smtp *s, struct fault *f)
{
	static const char *const nobody[] = { NULL };
	struct talk t = { .to = nobody };
	CURLcode rc;

	curl_easy_reset(s->easy);
	set_rules(s);
	set_watch(s->easy, &t);
	curl_easy_setopt(s->easy, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(s->easy, CURLOPT_NOBODY, 1L);
	rc = curl_easy_perform(s->easy);
	return rc == CURLE_OK ? 0 : explain(s, rc, &t, f);
}
