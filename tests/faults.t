#!/bin/sh
# faults.t - das-tick against everything that das-sim --fault can do to it
. "$(dirname "$0")/tap.sh"

. "$SRC/tests/faults.sh"

# ---- begun here, looked at below ----
at_max bad unknown@09:20:00 zero@09:30:00 wrongkind@09:40:00 short@09:50:00 \
    trailing@10:00:00 liar@10:10:00 liar@10:20:00 huge@10:30:00 empty@10:40:00
at_max odd stranger@09:20:00 notime@09:30:00 future@09:40:00 \
    backwards@09:50:00+600 stale@10:30:00 repeat@10:50:00
at_max often unknown@09:20:00+21600 short@09:20:00+21600 liar@09:20:00+21600 \
    zero@09:20:00+21600 huge@09:20:00+21600 empty@09:20:00+21600 \
    wrongkind@09:20:00+21600 trailing@09:20:00+21600
at_max text text@10:00:00
at_max lost reset@10:00:00 close@10:10:00 closemid@10:20:00 big@10:30:00 \
    onelost@10:40:00
at_max http refuse@10:00:00+1 http429@11:00:00+1
at_max token http403@10:30:00
at_max mute mute@10:00:00+7

# ---- frames with something in them that does not decode ----
look bad
is 'bad frames: every good packet is a row, every bad frame a reject' 0 '' whole
is '... as many as there should be' 0 '9 7 9 75' echo "$(status rejects)" \
    "$(figure packets_bad_sent)" "$(figure faults)" "$ended"
is '... no connection is lost for them' 0 '' gaps cause
look often
is 'nothing but bad frames: the same' 0 '' whole
ok '... and there were many' test "$(status rejects)" -gt 80

# ---- frames that decode, with something odd in them ----
look odd
is 'odd frames: every packet is a row' 0 '' whole
is '... and none a reject' 0 '0 6' echo "$(status rejects)" "$(figure faults)"
is '... a token that nobody subscribed has no name' 0 '1 \N' echo \
    "$(status unknown_tokens)" \
    "$(awk -F '\t' '$5 >= 4026531840 { print $6 }' all)"
# by exchange time, which follows the market's: \N, or too late, or too old
of_time() { awk -F '\t' -v d=$day "$1"' { n++ } END { print (n > 0) }' all; }
is '... no exchange time is \N' 0 1 of_time '$7 == "\\N" && $6 != "\\N"'
is '... an old one is flagged' 0 1 of_time '$4 ~ /o/ && $7 ~ "2026-11-22"'
is '... and so are decreasing ones' 0 1 of_time '$4 ~ /o/ && $7 ~ d'
is '... a repeat is flagged' 0 1 of_time '$4 ~ /d/'

# ---- text ----
look text
is 'texts: all ticks, all texts' 0 '' whole
is '... 14 of them' 0 '14 0 0' echo "$(status texts)" "$(status rejects)" \
    "$(status reconnects)"
is '... nothing of them touches the terminal' 1 '' \
    env LC_ALL=C grep -n '[^ -~]' words
is '... each is a row of texts.tsv, the longest too' 0 '14 4 1' awk -F '\t' '
    { nf[NF] } length($4) > 60000 { long++ }
    END { for (n in nf) k = k n; print NR - 1, k, long + 0 }' \
    spool/$day/texts.tsv
ok '... an error is shown' grep -q 'error.*Too many requests' words

# ---- connections that end ----
look lost
is 'lost connections: every tick that was received is a row' 0 '' whole
is '... each is made again' 0 '5 6 75' echo "$(status reconnects)" \
    "$(figure connections_total)" "$ended"
is '... each is a gap, and over' 0 '1	reset	51	yes
1	closed	51	yes
1	reset	51	yes
1	protocol	51	yes
1	reset	51	yes' gaps conn cause instruments resolved
is '... what came of a message that never ended is kept' 0 2 status rejects
look http
is 'refusals: every tick is a row' 0 '' whole
is '... it comes back' 0 '2 3' echo "$(status reconnects)" \
    "$(figure connections_total)"
is '... why is said' 0 '1 1' echo "$(gaps reason | grep -c 'HTTP 503')" \
    "$(gaps reason | grep -c 'HTTP 429')"
look token
is 'an access token that dies: every tick is a row' 0 '' whole
is '... das-token makes a new one, by itself' 0 '2 1' echo "$(figure logins)" \
    "$(status reconnects)"
is '... the ledger knows why' 0 1 sh -c 'echo "$1" | grep -c "HTTP 403"' - \
    "$(gaps reason)"
# at this pace the market waits as long as the line is dead, in real seconds
look mute
is 'a dead line at full speed: every tick is a row' 0 '' whole
is '... it is noticed' 0 '1 silent' echo "$(status reconnects)" "$(gaps cause)"
done_testing
