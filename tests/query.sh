# shellcheck shell=sh
# query.sh - sourced behind spool.sh: what both stores must answer alike.  A day
# of 500 rows over 50 options is loaded; filed_questions: and filed.
questions() {
	is 'latest' 0 "instrument_token	tradingsymbol	timestamp	price	qty
258	OPT1CE	$DAY 09:15:09	122.55	75" sh -c \
	    'das-query latest OPT1CE | cut -f 1-5 | sed "s/122\.550*/122.55/"'
	is 'by its other names' 0 3 sh -c 'for s in OPT1CE sym1ce opt1ce; do
	    das-query latest $s; done | grep -c "^258	OPT1CE"'
	fails 'nobody knows it' 65 'no such symbol' das-query latest X
	fails 'no tick of it' 1 'no tick is stored' das-query latest NIFTY
	is 'latest of all' 0 50 sh -c 'das-query latest-all | grep -c 09:15:09'
	fails 'no more than asked for' 0 'more than 7 rows' das-query -n 7 \
	    latest-all
	is 'which are so many' 0 8 grep -c . out
	is 'every column' 0 "$(echo "$COLS" | cut -f 5-)" sh -c \
	    'das-query latest OPT1CE | head -n 1'
	history_questions
	is 'symbols' 0 'symbol	tradingsymbol	instrument_token	TableName	dbName
SYM1CE	OPT1CE	258	OPT1CE	optdb' sh -c 'das-query symbols | head -n 2'
	is 'csv' 0 'x,y
"a ""b""",' das-query -o csv sql "SELECT 'a \"b\"' AS x, NULL AS y"
	is 'tsv' 0 'x	y
a\tb	\N' das-query sql 'SELECT ? AS x, NULL AS y' "a${TAB}b"
	is 'a NUL in a value' 0 'x
a\0b' das-query sql 'SELECT char(97, 0, 98) AS x'
	is '... in json' 0 '[{"x":"a\u0000b"}]' das-query -o json sql \
	    'SELECT char(97, 0, 98) AS x'
	is '... in csv' 0 'x
a@b' sh -c 'das-query -o csv sql "SELECT char(97, 0, 98) AS x" | tr "\000" @'
	is 'json' 0 '[{"x":1,"y":null,"z":"a \"b\""},
{"x":2,"y":null,"z":"c"}]' das-query -o json sql "SELECT 1 AS x, NULL AS y,
	    'a \"b\"' AS z UNION ALL SELECT 2, NULL, 'c'"
	is 'no rows as json' 0 '[]' das-query -o json sql \
	    'SELECT price FROM dailytable WHERE price < ?' 0
	is 'names without rows' 0 'price' das-query sql \
	    'SELECT price FROM dailytable WHERE price < ?' 0
	is 'a value is never SQL' 0 'n
0' das-query sql 'SELECT COUNT(*) AS n FROM dailytable WHERE tablename = ?' \
	    "x' OR '1' = '1"
	is 'LIMIT takes a value' 0 3 sh -c \
	    'das-query sql "SELECT price FROM dailytable LIMIT ?" 2 | grep -c .'
	fails 'too few values' 65 '1 values are asked for' das-query sql \
	    'SELECT 1 WHERE 1 = ?'
	fails 'too many' 65 '0 values are asked for' das-query sql 'SELECT 1' 2
	fails 'no table' 65 'nosuch' das-query sql 'SELECT * FROM nosuch'
	for s in 'DELETE FROM dailytable' 'UPDATE dailytable SET price = 0' \
	    'INSERT INTO dailytable (price) VALUES (1)' '/* x */ SELECT 1' \
	    'SELECTED' ''; do
		fails "no question: $s" 65 'only questions' das-query sql "$s"
	done
	fails 'what writes behind WITH' 65 '' das-query sql \
	    'WITH a AS (SELECT 1) DELETE FROM dailytable'
	fails 'two statements' 65 '' das-query sql \
	    'SELECT 1; DELETE FROM dailytable'
	fails 'no command' 64 'usage' das-query
	fails 'no such form' 64 'neither tsv' das-query -o xml symbols
	fails 'too many rows' 64 'not 1 to' das-query -n 0 symbols
	# more than a pipe holds, and head leaves
	is 'a reader that leaves is no error' 0 'instrument_token
0' sh -c "{ das-query -n 250000 sql 'SELECT a.* FROM dailytable a, dailytable b' \
	    2>told; echo \$? >rc; } | head -n 1 | cut -f 1; cat rc told"
	is 'all rows are there still' 0 'n
500' das-query sql 'SELECT COUNT(*) AS n FROM dailytable'
}

history_questions() {
	is 'a history' 0 10 sh -c "das-query history OPT1CE $DAY $DAY |
	    grep -c '^258	OPT1CE'"
	is 'a part of it' 0 "$DAY 09:15:03
$DAY 09:15:04" sh -c "das-query history OPT1CE '$DAY 09:15:03' \
	    '$DAY 09:15:04' | cut -f 3 | sed 1d"
	fails 'no time' 64 'neither YYYY-MM-DD' das-query history OPT1CE x y
}

filed_questions() {
	history_questions
	is 'latest, from the main table' 0 "$DAY 09:15:09" sh -c \
	    'das-query latest OPT1CE | cut -f 3 | sed 1d'
	segment 000002; rows 501 550 50 >>"$TICKS/000002.tsv"
	ok 'more of the day' das-load
	is 'a history over both' 0 11 sh -c "das-query history OPT1CE $DAY $DAY |
	    cut -f 3 | sed 1d | sort -u | grep -c ."
}
