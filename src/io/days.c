#include <limits.h>
#include <unistd.h>

#include "days.h"
#include "file.h"

int
days_sessions(struct cal *c, const struct conf *conf, struct fault *f)
{
	char path[PATH_MAX];

	if (conf_shipped(conf, "sessions.tsv", path, sizeof(path), f) != 0 ||
	    cal_sessions(c, path, f) != 0)
		return -1;
	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    DAYS_ANNOUNCED, f) != 0)
		return -1;
	return access(path, F_OK) == 0 ? cal_sessions(c, path, f) : 0;
}

int
days_load(struct cal *c, const struct conf *conf, struct fault *f)
{
	char path[PATH_MAX];

	if (days_sessions(c, conf, f) != 0 ||
	    file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    DAYS_HOLIDAYS, f) != 0)
		return -1;
	return access(path, F_OK) == 0 ? cal_holidays(c, path, f) : 0;
}
