# Control characters in a file's name do not reach the terminal; bytes that are no UTF-8 do no harm.
name=$(printf 'a\033[31mb\nc\302\205')
hapax -p "$name"
echo "status $?"
cp "$FIXTURES/river.txt" "$name"
hapax -p --journal=j "$name" 2>&1 > out | head -n 1
raw=$(printf 'x\377y')
cp "$FIXTURES/river.txt" "$raw"
hapax -q -p --journal=j "$raw" > out 2>/dev/null && grep -c '"file_base64":"eP95"' j | awk '{print ($1 > 0) ? "base64" : "no base64"}'
hapax restore -p out j > back && hapax -q -p --no-remove "$raw" 2>/dev/null | cmp - back && echo restored
