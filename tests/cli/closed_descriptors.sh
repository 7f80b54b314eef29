# A closed standard output, input or error must not be taken for the first file that is opened.
cp "$FIXTURES/good-clean.txt" in.txt
hapax -q -p in.txt >&-; echo "status $?"
hapax -q -o out.txt <&-; echo "status $?"
hapax -p bad.txt in.txt 2>&- > out; echo "status $?"; cmp out in.txt && echo whole
hapax -q -p -o out2.txt in.txt <&- >&- 2>&-; echo "status $?"; cmp out2.txt in.txt && echo whole
