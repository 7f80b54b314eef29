# One table for all: 0 done, 1 only with --exit-code, 2 failed, 3 damaged input; the first of 2, 3, 1, 0 that applies.
cp "$FIXTURES"/*.txt "$MADE"/* .
try() {
    hapax -q "$@" >out 2>/dev/null </dev/null
    echo "$?  $*"
}
try -p river.txt
try -p good-clean.txt
try -p odd-empty.txt
try -p odd-empty.gz
try -p --exit-code river.txt
try -p --exit-code --no-remove river.txt
try -p --no-find river.txt
try -p --exit-code good-clean.txt
try -p bad-utf8.txt
try -p bad-cut.gz
try -p bad-trailing.gz
try -p odd-trailing-zeros.gz
try -p --strict good-clean.txt
try -p --strict river.txt
try -p missing.txt
try -p --exit-code missing.txt river.txt
try -p --max-removed=90% river.txt
try -p --max-removed=1% river.txt
try -p --max-removed=1% missing.txt river.txt
try -o nowhere/out.txt river.txt
