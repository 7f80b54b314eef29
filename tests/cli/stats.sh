# --stats: one JSON object; times, memory and the sizes of tables are not fixed.
cp "$FIXTURES/river.txt" .
hapax -q -p --memory=64M --stats=s.json river.txt > out.txt
sed -e 's/,"index":.*//' s.json; echo
for key in index store memory held ns; do grep -c "\"$key\":{" s.json; done
wc -l < s.json
