# --against: counts as seen before, is not written. --scope: where a source may stand.
cp "$FIXTURES"/*.txt .
hapax -p --against=good-older.txt river.txt; echo "status $?"
hapax -q -p --scope=within good-older.txt river.txt | wc -c
hapax -q -p --scope=across good-older.txt river.txt | wc -c
hapax -q -p good-older.txt river.txt | wc -c
hapax -q -p odd-numbers.txt | cmp - odd-numbers.txt && echo numbers are no copies
hapax -p good-english.txt
