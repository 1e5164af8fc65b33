/*
 * stop - SIGTERM, SIGINT and SIGHUP become one flag
 */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Catches the signals, without SA_RESTART. */
void	stop_catch(void);
bool	stop_asked(void);
/* Sleeps real_us microseconds of real time; true when a stop was asked for
 * before or meanwhile.  No signal slips in between look and sleep. */
bool	stop_sleep(int64_t real_us);
/* Sleeps until the wall clock (clk) shows at, looking at it again at least
 * every 300 s because clocks jump; true when a stop was asked for. */
bool	stop_sleep_until(int64_t at);

#endif
