# Output and journal give back what --no-remove writes; what is incomplete or changed is refused, and no file is left behind.
cp "$FIXTURES/river.txt" .
hapax -q -z --journal=j.jsonl river.txt > out.gz
hapax -q -p --no-remove river.txt > want.txt
hapax restore -p out.gz j.jsonl | cmp - want.txt && echo plain
hapax restore -p - j.jsonl < out.gz | cmp - want.txt && echo from standard input
hapax restore out.gz j.jsonl | gzip -dc | cmp - want.txt && echo gzip
hapax restore -o back.txt out.gz j.jsonl && cmp back.txt want.txt && echo file
mkdir dir && hapax restore -p -o dir/ out.gz j.jsonl && cmp dir/out.gz want.txt && echo folder
hapax -q -o out.txt --journal=j.gz river.txt && hapax restore -p out.txt j.gz | cmp - want.txt && echo compressed journal
head -n 2 j.jsonl > short.jsonl
hapax restore -o none.txt out.gz short.jsonl; echo "status $?"
sed '$d' j.jsonl > short.jsonl
hapax restore -o none.txt out.gz short.jsonl; echo "status $?"
sed 's/a/b/' out.txt > changed.txt; printf 'x' >> changed.txt
hapax restore -o none.txt changed.txt j.jsonl; echo "status $?"
hapax restore -o none.txt missing.txt j.jsonl; echo "status $?"
hapax restore -o none.txt out.txt missing.jsonl; echo "status $?"
hapax restore -o none.txt out.txt river.txt; echo "status $?"
test -e none.txt && echo "left behind"
hapax restore -p out.gz j.jsonl > /dev/full; echo "status $?"
# The journal of --no-remove names what was found: it stands in the output already.
hapax -q -p --no-remove --journal=found.jsonl river.txt > same.txt; cut -c1-15 found.jsonl
hapax restore -p same.txt found.jsonl | cmp - same.txt && echo nothing to put back
hapax restore -v out.gz j.jsonl; echo "status $?"
ls -A | grep '^\.hapax'; exit 0
