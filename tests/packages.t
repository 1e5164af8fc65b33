#!/bin/sh
# packages.t - etc/ensure-packages: apt only when something is missing, a plain
# list where there is no apt
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
list=$(grep -v '^[#?]' "$SRC/etc/apt-packages" | tr '\n' ' ')

# A PATH with nothing but what the script itself needs, and stand-ins.
mkdir bare
for c in dirname grep tr env cat sh; do
	ln -s "$(command -v $c)" bare/$c
done
stand_in() {	# never through a link: that would write the real program
	rm -f "bare/$1"
	cat >"bare/$1"
	chmod +x "bare/$1"
}
stand_in id <<'END'
#!/bin/sh
echo 0
END
ensure() { env PATH="$T/bare" "$SRC/etc/ensure-packages" "$@"; }

fails 'no dpkg, no apt: says what it needs' 0 "$list" ensure

stand_in dpkg-query <<'END'
#!/bin/sh
case $* in *"$MISSING"*) exit 1 ;; esac
echo 'install ok installed'
END
export MISSING=nothing
is 'nothing missing: nothing said' 0 '' ensure
is '... on stderr neither' 0 '' cat err

export MISSING=libzstd-dev
fails 'no apt: names what is missing' 0 ' libzstd-dev' ensure
is '... and nothing else' 1 '' grep -q libcsv-dev err

stand_in apt-get <<'END'
#!/bin/sh
echo "$*" >>called
[ -z "$BROKEN" ]
END
export BROKEN=
is 'apt: installs what is missing' 0 '' ensure
is '... after an update, and only that' 0 '-qq update
-qq install -y --no-install-recommends libzstd-dev' cat called
export BROKEN=yes
fails 'apt fails' 69 'could not install: libzstd-dev' ensure
MISSING=chromium-driver
is 'what only some tests need is not installed' 0 '' ensure
fails 'but for the tests; when it cannot be, they are skipped' 0 \
    'some tests are skipped: chromium-driver' ensure -o
BROKEN=
rm called
ok 'and can be' ensure -o
is '... by apt' 0 '-qq install -y --no-install-recommends chromium-driver' tail -n 1 called
MISSING=libzstd-dev BROKEN=yes

stand_in id <<'END'
#!/bin/sh
echo 1000
END
rm -f called
fails 'neither root nor sudo: names what is missing' 0 ' libzstd-dev' ensure
is '... and calls nothing' 1 '' test -e called
done_testing
