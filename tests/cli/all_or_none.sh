# All files of a run get their names together, or none does. Before, -o DIR/ replaced each as it ended, and what failed later threw the
# journal away: the removed text was nowhere.
mkdir in
cp "$FIXTURES/river.txt" in/a.txt
cp "$FIXTURES/good-clean.txt" in/b.txt
same() { cmp in/a.txt "$FIXTURES/river.txt" && cmp in/b.txt "$FIXTURES/good-clean.txt" && echo as they were; }
wait_for() { n=0; until "$@" >/dev/null 2>&1 || [ $n -ge 200 ]; do sleep 0.05; n=$((n + 1)); done; }
(cd in && hapax -q -o ./ --journal=../j --stats=../s --max-removed=1% a.txt b.txt); echo "status $?"; same; ls -A . in
for j in 1 2; do
    hapax -q -j$j -o in/ --journal=/dev/full in/a.txt in/b.txt; echo "status $?"; same
    hapax -q -j$j -o in/ --journal=j --stats=/dev/full in/a.txt in/b.txt; echo "status $?"; same
done
hapax -q -o in/ --journal=j --stats=no/where in/a.txt in/b.txt; echo "status $?"; same
# The last name cannot be taken: a folder has it meanwhile. The first ones are given back.
mkfifo late
i=0; while [ $i -lt 40000 ]; do echo "第 $i 段，每一段都有不同的数字，这样就没有重复。"; i=$((i + 1)); done > long.txt
three_begun() { [ "$(ls -A in | grep -c '^\.hapax')" -eq 3 ]; }
hapax -q -o in/ --journal=j --stats=s in/a.txt in/b.txt late &
pid=$!
exec 3> late
cat long.txt >&3
wait_for three_begun
mkdir in/late
exec 3>&-
wait $pid; echo "status $?"; same; rmdir in/late; ls -A . in
# Killed while two outputs are whole and the third is not.
for j in 1 2; do
    hapax -q -j$j -o in/ --journal=j in/a.txt in/b.txt late &
    pid=$!
    exec 3> late
    cat long.txt >&3
    wait_for three_begun
    kill -TERM $pid; wait $pid 2>/dev/null; echo "status $?"; same
    exec 3>&-
done
rm late long.txt
(cd in && hapax -q -o ./ --journal=../j --stats=../s a.txt b.txt); echo "status $?"; ls -A . in
hapax restore -p in/a.txt j > back; hapax -q -p --no-remove "$FIXTURES/river.txt" | cmp - back && echo restored
# More outputs than descriptors.
mkdir many; i=0; while [ $i -lt 60 ]; do echo "第 $i 篇。" > many/$i.txt; i=$((i + 1)); done
(ulimit -n 20; hapax -q -j1 -o made/ many/*.txt); echo "status $?"; cat made/*.txt | wc -l
