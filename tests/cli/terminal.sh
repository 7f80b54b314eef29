# On a terminal: text, colours, progress; the same without NO_COLOR or with TERM=dumb.
command -v script >/dev/null || { echo "no script(1)" >&2; exit 77; }
cp "$FIXTURES/good-clean.txt" in.txt
cp "$FIXTURES/river.txt" quotes.txt
on_terminal() { script -qec "$1" /dev/null < /dev/null | tr -d '\r'; }
echo "== text on a terminal, no note"
on_terminal "hapax -q in.txt"
echo "== no operand"
on_terminal "hapax < /dev/tty; echo status \$?"
echo "== colour"
on_terminal "hapax quotes.txt > out.gz" | grep -c '\[1;33mwarning'
on_terminal "NO_COLOR=1 hapax quotes.txt > out.gz" | grep -c '\[1;33mwarning'
on_terminal "TERM=dumb hapax quotes.txt > out.gz" | grep -c '\[1;33mwarning'
on_terminal "hapax --color=never quotes.txt > out.gz" | grep -c '\[1;33mwarning'
hapax --color=always -p quotes.txt 2>&1 >out | grep -c '\[1;33mwarning'
echo "== progress only when standard error is a terminal and standard output is not"
slow='(cat in.txt; sleep 0.7) | hapax -p'
on_terminal "$slow > out" | grep -c '/s, .* removed'
on_terminal "$slow" | grep -c '/s, .* removed'
on_terminal "$slow --no-progress > out" | grep -c '/s, .* removed'
(cat in.txt; sleep 0.7) | hapax -p --progress 2>&1 >out | grep -c '/s, .* removed'
exit 0
