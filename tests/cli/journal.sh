# The journal's lines, whole: keys, their order, places. Checksums and counts of bytes are in it too, as the text is fixed.
cp "$FIXTURES/river.txt" .
hapax -q -p --journal=j.jsonl river.txt > out.txt
sed 's/"hapax":"[0-9.]*"/"hapax":"VERSION"/' j.jsonl
echo "$(wc -c < out.txt) bytes"
if command -v xxhsum >/dev/null; then grep -q "$(xxhsum -q -H2 out.txt | cut -c1-32)" j.jsonl || echo "xxhsum says otherwise"; fi
hapax -q -p --journal=- -o out2.txt river.txt | cmp - j.jsonl | wc -l
