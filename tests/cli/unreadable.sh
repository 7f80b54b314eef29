# What cannot be read is named and passed over; the rest is done, and the status is 3.
cp "$FIXTURES/good-clean.txt" a.txt
printf '第二篇。\n' > b.txt
mkdir folder
hapax -p a.txt missing.txt folder b.txt; echo "status $?"
hapax -z missing.txt | gzip -dc | wc -c
hapax -q -p --against=missing.txt a.txt; echo "status $?"
cat a.txt > same.txt; hapax -q -p b.txt same.txt >> same.txt; echo "status $?"
# The journal's last line says it too: status 3 where input was damaged or missing, whatever --strict and --exit-code make of the rest.
status_in() { sed -n 's/.*\("status":[0-9]\).*/\1/p' "$1"; }
for j in 1 2; do
    hapax -q -p -j$j --journal=j a.txt missing.txt > out 2>/dev/null; echo "status $?"; status_in j
    hapax -q -p -j$j --journal=j --exit-code "$FIXTURES/river.txt" > out; echo "status $?"; status_in j
    hapax -q -p -j$j --journal=j "$MADE/bad-utf8.txt" > out 2>/dev/null; echo "status $?"; status_in j
done
# A FIFO that nobody opens for writing does not keep a failed run from ending. Before, it ended when somebody did.
mkfifo nobody
i=0; while [ $i -lt 20000 ]; do echo "第 $i 段，每一段都有不同的数字。"; i=$((i + 1)); done > long.txt
timeout 20 hapax -q -p -j2 long.txt nobody > /dev/full; echo "status $?"
timeout 20 hapax -q -p -j1 long.txt nobody > /dev/full; echo "status $?"
{ sleep 0.2; cat b.txt > nobody; } & hapax -q -p -j2 a.txt nobody | tail -n 1; wait
{ sleep 0.2; : > nobody; } & hapax -q -p -j1 a.txt nobody | cmp - a.txt; wait
