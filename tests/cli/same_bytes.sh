# One input, many ways in: the same bytes.
cp "$FIXTURES"/*.txt .
cat river.txt good-english.txt odd-numbers.txt > in.txt
i=0; while [ $i -lt 400 ]; do echo "第 $i 段：每一段都有不同的数字 $((i * 7919 % 1000))，所以不是重复。"; cat river.txt; i=$((i + 1)); done >> in.txt
hapax -q -p -j1 in.txt > want 2>/dev/null
wc -c < want
for j in 1 2 7; do
    hapax -q -p -j$j in.txt 2>/dev/null | cmp - want
    cat in.txt | hapax -q -p -j$j 2>/dev/null | cmp - want
    hapax -q -p -j$j < in.txt 2>/dev/null | cmp - want
    hapax -q -z -j$j in.txt 2>/dev/null | gzip -dc | cmp - want
    dd if=in.txt bs=37 status=none | hapax -q -p -j$j 2>/dev/null | cmp - want
done
POSIXLY_CORRECT=1 hapax -q in.txt -p 2>/dev/null | cmp - want && echo same
