/* mime: what the headers and parts of a mail look like on the wire */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "mime.h"

static const char *const one[] = { "to@example.org", NULL };

/* The mail as text; the caller frees. */
static char *
mail(const char *subject, const char *text, size_t len,
    const struct mime_file *file, size_t nfile)
{
	struct mime m = { .from = "das@example.org", .to = one,
	    .subject = subject, .id = "1.2.abc", .text = text, .len = len,
	    .file = file, .nfile = nfile };
	struct fault f;
	char *p = NULL;
	size_t n;
	FILE *out = open_memstream(&p, &n);

	assert_int_equal(clk_from_iso("2026-11-18T15:45:03+05:30", &m.date_us),
	    0);
	assert_int_equal(mime_write(out, &m, &f), 0);
	assert_int_equal(fclose(out), 0);
	return p;
}

static void
header_is(const char *value, size_t col, const char *want)
{
	struct buf b = { 0 };

	assert_int_equal(mime_header(&b, value, col), 0);
	assert_string_equal(b.p, want);
	buf_free(&b);
}

static void
a_plain_mail(void **state)
{
	char *p = mail("all is well", "line\n", 5, NULL, 0);

	(void)state;
	assert_string_equal(p,
	    "From: das@example.org\n"
	    "To: to@example.org\n"
	    "Subject: all is well\n"
	    "Date: Wed, 18 Nov 2026 15:45:03 +0530\n"
	    "Message-ID: <1.2.abc@example.org>\n"
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 7bit\n"
	    "\n"
	    "line\n");
	free(p);
}

static void
no_header_through_the_subject(void **state)
{
	char *p = mail("x\r\nBcc: eve@example.org\n\nbody", "t", 1, NULL, 0);

	(void)state;
	assert_null(strstr(p, "\nBcc:"));
	assert_null(strchr(p, '\r'));
	assert_non_null(strstr(p, "\nSubject: x  Bcc: eve@example.org  body\n"));
	free(p);
}

static void
headers_in_utf8(void **state)
{
	char lots[200] = "", *p;

	(void)state;
	header_is("", 9, "");
	header_is("50 % lost", 9, "50 % lost");
	/* what looks like an encoded word would be read as one */
	header_is("=?x?", 9, "=?UTF-8?B?PT94Pw==?=");
	header_is("\xe2\x82\xb9 5", 9, "=?UTF-8?B?4oK5IDU=?=");
	header_is("a\xff\xe2\x82z\xc3\xa9", 9, "=?UTF-8?B?YT8/P3rDqQ==?=");
	/* 40 rupee signs: every word at most 75 wide, none cut in two */
	for (int i = 0; i < 40; i++)
		strcat(lots, "\xe2\x82\xb9");
	p = mail(lots, "", 0, NULL, 0);
	assert_non_null(strstr(p, "Subject: =?UTF-8?B?"
	    "4oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK5?=\n "
	    "=?UTF-8?B?4oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK5"
	    "4oK54oK5?=\n "
	    "=?UTF-8?B?4oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK54oK5?=\n"));
	free(p);
}

static void
a_long_subject_is_cut(void **state)
{
	char s[3000], *p, *end;

	(void)state;
	memset(s, 'x', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	p = mail(s, "", 0, NULL, 0);
	for (char *line = strtok_r(p, "\n", &end); line != NULL;
	    line = strtok_r(NULL, "\n", &end))
		assert_true(strlen(line) <= 76);
	free(p);
}

static void
text_that_needs_an_encoding(void **state)
{
	char lots[2001], *p, *body;

	(void)state;
	p = mail("s", "\xe2\x82\xb9=1 \nx", 8, NULL, 0);
	assert_non_null(strstr(p, "quoted-printable\n\n=E2=82=B9=3D1=20\nx\n"));
	free(p);
	memset(lots, 'a', 2000);	/* SMTP ends at 998 */
	p = mail("s", lots, 2000, NULL, 0);
	assert_non_null(body = strstr(p, "quoted-printable\n\n"));
	body += strlen("quoted-printable\n\n");
	for (int i = 0; i < 26; i++, body += 77)
		assert_memory_equal(body + 75, "=\n", 2);
	assert_int_equal(strlen(body), 2000 - 26 * 75 + 1);
	free(p);
}

static FILE *
stream(const char *bytes, size_t n)
{
	FILE *fp = tmpfile();

	assert_non_null(fp);
	assert_int_equal(fwrite(bytes, 1, n, fp), n);
	rewind(fp);
	return fp;
}

static void
attachments(void **state)
{
	struct mime_file files[] = {
		{ "log/blank.csv", stream("TableName\nX\n", 12) },
		{ "caf\xc3\xa9 \"1\".png", stream("\0\1\2\3", 4) },
		{ "empty", stream("", 0) },
	};
	char *p = mail("s", "t\n", 2, files, 3);

	(void)state;
	assert_non_null(strstr(p,
	    "Content-Type: multipart/mixed; boundary=\"=_1.2.abc\"\n\n"
	    "--=_1.2.abc\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 7bit\n\n"
	    "t\n"
	    "--=_1.2.abc\n"
	    "Content-Type: text/csv; charset=utf-8\n"
	    "Content-Disposition: attachment;\n"
	    " filename=\"blank.csv\"\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "VGFibGVOYW1lClgK\n"
	    "--=_1.2.abc\n"
	    "Content-Type: image/png\n"
	    "Content-Disposition: attachment;\n"
	    " filename*=UTF-8''caf%C3%A9%20%221%22.png\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "AAECAw==\n"
	    "--=_1.2.abc\n"
	    "Content-Type: application/octet-stream\n"
	    "Content-Disposition: attachment;\n"
	    " filename=\"empty\"\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "--=_1.2.abc--\n"));
	free(p);
	for (size_t i = 0; i < 3; i++)
		fclose(files[i].in);
}

static void
addresses(void **state)
{
	char list[] = " a@x.org,b@y.org , ,c@z.org\t", none[] = " , ";
	char bad[] = "a@x.org,b";
	const char *to[MIME_TO_MAX + 1];
	char many[MIME_TO_MAX * 6 + 16] = "";
	struct fault f;

	(void)state;
	assert_int_equal(mime_addresses(list, to, &f), 0);
	assert_string_equal(to[0], "a@x.org");
	assert_string_equal(to[1], "b@y.org");
	assert_string_equal(to[2], "c@z.org");
	assert_null(to[3]);
	assert_int_equal(mime_addresses(none, to, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	assert_int_equal(mime_addresses(bad, to, &f), -1);
	assert_string_equal(f.text, "'b' is no mail address (name@host)");
	for (int i = 0; i <= MIME_TO_MAX; i++)
		strcat(many, "a@xy,");
	assert_int_equal(mime_addresses(many, to, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);

	assert_true(mime_address_ok("first.last+tag@mail.example.org"));
	assert_false(mime_address_ok("@x.org"));
	assert_false(mime_address_ok("a@"));
	assert_false(mime_address_ok("a b@x.org"));
	assert_false(mime_address_ok("a@x.org\nRCPT"));
	assert_false(mime_address_ok("<a@x.org>"));
	assert_false(mime_address_ok("caf\xc3\xa9@x.org"));
}

static void
types(void **state)
{
	(void)state;
	assert_string_equal(mime_type("a.CSV"), "text/csv; charset=utf-8");
	assert_string_equal(mime_type("a.tsv.gz"), "application/gzip");
	assert_string_equal(mime_type("report.html"),
	    "text/html; charset=utf-8");
	assert_string_equal(mime_type("a.txt"), "text/plain; charset=utf-8");
	assert_string_equal(mime_type("csv"), "application/octet-stream");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_mail),
		cmocka_unit_test(no_header_through_the_subject),
		cmocka_unit_test(headers_in_utf8),
		cmocka_unit_test(a_long_subject_is_cut),
		cmocka_unit_test(text_that_needs_an_encoding),
		cmocka_unit_test(attachments),
		cmocka_unit_test(addresses),
		cmocka_unit_test(types),
	};

	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
