# -o DIR/: one output for each input, under its own name; compressed where the name says so.
mkdir in other
cp "$FIXTURES/good-clean.txt" in/a.txt
cp "$FIXTURES/river.txt" in/b.txt
gzip -nc < "$FIXTURES/good-english.txt" > in/c.gz
: > in/empty.txt
cp in/a.txt other/a.txt
hapax -q -o made/ in/a.txt in/b.txt in/c.gz in/empty.txt; echo "status $?"
ls made
cmp made/a.txt in/a.txt; wc -c < made/empty.txt
gzip -t made/c.gz && gzip -dc made/c.gz | wc -c
hapax -q -o made in/b.txt in/missing.txt in/a.txt; echo "status $?"; ls made
hapax -o made in/a.txt other/a.txt; echo "status $?"
hapax -o made < in/a.txt; echo "status $?"
hapax -q --stdin-name=c.txt -o made < in/a.txt; echo "status $?"; cmp made/c.txt in/a.txt
hapax -q --journal=j.jsonl -o two/ in/b.txt other/a.txt && hapax restore -p two/b.txt j.jsonl > back.txt && hapax -q -p --no-remove in/b.txt | cmp - back.txt && echo restored
