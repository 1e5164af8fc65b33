/*
 * refuse - a server that knows less SQL, for the tests: LD_PRELOAD=refuse.so
 *
 * Statements that are prepared and begin with $REFUSE come to the server as what it
 * has no word for.  There are servers that make no table of a question (with GTIDs,
 * in a cluster), and some have no CHECKSUM TABLE.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mariadb/mysql.h>

int STDCALL
mysql_stmt_prepare(MYSQL_STMT *st, const char *sql, unsigned long n)
{
	__typeof__(&mysql_stmt_prepare) real = (__typeof__(real))(uintptr_t)
	    dlsym(RTLD_NEXT, "mysql_stmt_prepare");
	const char *begin = getenv("REFUSE");

	if (begin == NULL || strncmp(sql, begin, strlen(begin)) != 0)
		return real(st, sql, n);
	sql = "REFUSED";
	return real(st, sql, strlen(sql));
}
