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
# A name inside a message, too: that of the source, where a passage is told; of the folder of -o; of a word that is no option.
mkdir one; cp "$FIXTURES/river.txt" "one/$name"; cp "$FIXTURES/river.txt" plain.txt
hapax -v -p "one/$name" plain.txt 2>&1 >out | LC_ALL=C grep -c "$(printf '[\001-\011\013-\037]')"
hapax -v -p "one/$name" plain.txt 2>&1 >out | grep -F -q 'a\x1b[31mb\nc\xc2\x85' && echo told
hapax -o "$(printf 'd\033x/')" < plain.txt; echo "status $?"
