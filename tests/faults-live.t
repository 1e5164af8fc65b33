#!/bin/sh
# faults-live.t - das-tick against das-sim --fault where real time counts:
# lines that are dead, answers that never come, connections of which one is lost
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/faults.sh"

# ---- begun here, looked at below: 6 to 20 s, the first 3 for the start ----
begin mute 09:15:00 8 9:17 --rate 60 --fault mute@09:15:24+56
keys='"tickSilenceSeconds": 3, '
begin heartbeats 09:15:00 8 9:17 --rate 60 --fault heartbeats@09:15:24+56
begin trickle 09:15:00 8 9:17 --rate 60 --fault trickle@09:15:24+72
keys=
begin noanswer 09:15:00 6 9:17 --rate 60 --fault noanswer@09:15:20+6
begin tls 09:15:00 20 9:17 --rate 60 --tls --fault reset@09:16:00 \
    --fault closemid@09:16:20 --fault short@09:16:40
begin forget 09:15:00 5 9:16 --rate 60 --fault forget@00:00:00
begin downgrade 09:15:00 5 9:16 --rate 60 --fault downgrade@00:00:00
begin thin 09:15:00 20 9:16 --rate 60 --fault dropsome@09:15:20
keys='"captureLines": 2, '
begin two 09:15:50 1 9:16 --rate 60 --fault dropsome@00:00:00 \
    --fault onelost@09:15:56
keys=
instruments 3050
begin onelost 09:15:00 6 9:16 --rate 1 --fault onelost@09:15:20

# ---- lines that are dead ----
look mute wait
is 'mute: every tick that was received is a row' 0 '' whole
is '... the silence is noticed, and it comes back' 0 '0 1 1' echo "$ended" \
    "$(status reconnects)" "$(grep -c 'silent for 5 s' words)"
is '... the gap is of that connection' 0 '1	silent	51	yes' \
    gaps conn cause instruments resolved
gaps from to >gap
is '... from the last message to the first tick' 0 1 awk -F '[\t :]' '
    { print ($4 > 20 && $4 < 30 && $7 == 16 && $8 >= 20 && $8 < 32) }' gap
look heartbeats wait
is 'heartbeats only: every tick that was received is a row' 0 '' whole
is '... is noticed' 0 '0 noticks' echo "$ended" "$(gaps cause | sort -u)"
look trickle wait
is 'a byte a second: every tick that was received is a row' 0 '' whole
is '... is noticed' 0 '0 noticks' echo "$ended" "$(gaps cause | sort -u)"
is '... what came of it is kept, of each connection' 0 '2 3' echo \
    "$(status rejects)" "$(figure connections_total)"
look noanswer wait
is 'no answer: every tick that was received is a row' 0 '' whole
is '... is a gap' 0 'reset	yes	1' sh -c 'echo "$2	$(echo "$1" |
    grep -c "no answer")"' - "$(gaps reason)" "$(gaps cause resolved)"
is '... it does not wait for ever' 0 '0 1 2' echo "$ended" \
    "$(status reconnects)" "$(figure connections_total)"

# ---- over TLS ----
look tls wait
is 'TLS: every tick that was received is a row' 0 '' whole
is '... lost connections come back' 0 '0 2 3' echo "$ended" \
    "$(status reconnects)" "$(figure connections_total)"

# ---- subscriptions ----
look forget wait
is 'forgotten tokens: every tick is a row' 0 '' whole
is '... they are asked for again' 0 '0 51 0' echo "$ended" "$(status seen)" \
    "$(status unconfirmed)"
ok '... which is said' grep -q '6 of 51 instruments do not come' words
look downgrade wait
is 'tokens in mode quote: every tick is a row' 0 '' whole
is '... full mode is asked for again' 0 '0 0' echo "$ended" \
    "$(status unconfirmed)"
ok '... which is said' grep -q '6 of 51 instruments do not come' words
is '... the rows know, at first' 0 '5 0' awk -F '\t' '
    $11 != "\\N" && $23 == "\\N" { quote[$5]; late += $2 > "2026-11-25 09:15:50" }
    END { for (t in quote) n++; print n + 0, late + 0 }' all
look thin wait
is 'missing packets: every tick that came is a row' 0 '0' sh -c \
    'echo $1$2' - "$ended" "$(whole)"

# ---- one connection of two ----
# The lines have the same: what one misses, or both bring, is there once.
look two wait
rows >all
is 'two lines: the loss of one costs nothing' 0 '0 1 reset	0' echo "$ended" \
    "$(status reconnects)" "$(gaps cause instruments)"
ok '... what one missed is counted' test \
    $(($(status missed_1) + $(status missed_2))) -gt 4
is '... every packet that came is a row, or known already' 0 \
    "$(figure ticks_sent)" echo $(($(status ticks) + $(status arbitrated)))
# an index may come back to what it was, a share's book does not
is '... and a row only once, but for repeats' 0 '' sh -c \
    'awk -F "\t" "\$4 !~ /d/ && \$11 != \"\\\\N\"" all | cut -f 5- |
    sort | uniq -d'
look onelost wait
is 'one of two is lost: every tick is a row' 0 '' whole
is '... which is made again' 0 '0 1 3' echo "$ended" "$(status reconnects)" \
    "$(figure connections_total)"
is '... the ledger knows which' 0 'reset	1525	yes' \
    gaps cause instruments resolved
gaps conn from to >lost
is '... the other one goes on meanwhile' 0 1 awk -F '\t' '
    NR == FNR { lost = $1; from = $2; to = $3; next }
    $3 == lost && $2 > from && $2 < to { bad++ }
    $3 != lost && $2 > from && $2 < to { n++ }
    END { print (n > 0) + bad }' lost all
done_testing
