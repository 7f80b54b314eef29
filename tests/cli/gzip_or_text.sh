# Gzip unless it is a terminal, -p, or -o NAME without .gz; said once when a plain file gets gzip.
cp "$FIXTURES/good-clean.txt" in.txt
kind() { if gzip -t "$1" 2>/dev/null; then echo "gzip"; else echo "text"; fi; }
hapax -q in.txt | cat > pipe.out; kind pipe.out
hapax -q -p in.txt | cat > pipe.out; kind pipe.out
hapax in.txt 2> note > file.out; kind file.out; grep -c 'note: .*file.out will be gzip' note
hapax -z in.txt 2> note > file.out; kind file.out; grep -c 'note:' note
hapax in.txt 2> note > file.gz; kind file.gz; grep -c 'note:' note
hapax -q -o named.txt in.txt; kind named.txt
hapax -q -o named.gz in.txt; kind named.gz
hapax -q -z -o named.txt in.txt; kind named.txt
hapax -q -z -p in.txt | cat > pipe.out; kind pipe.out
for level in 1 6 9; do hapax -q -z -$level in.txt | gzip -dc | cmp - in.txt; done
hapax -q in.txt | od -An -tx1 -N10
hapax -q -p "$MADE/good-river.txt.gz" > a; hapax -q -p "$FIXTURES/river.txt" > b; cmp a b && echo "gzip input is text input"
