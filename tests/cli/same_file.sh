# No file is written twice in one run, and none that is read is written by anything but -o. Before, the last one won, and the text was gone.
cp "$FIXTURES/river.txt" in.txt
cp in.txt kept.txt
ln -s x link; ln -s in.txt read; ln in.txt hard
try() { hapax "$@"; echo "status $?"; cmp in.txt kept.txt; ls -A | tr '\n' ' '; echo; }
try -o x --journal=x in.txt
try -o x --journal=./x in.txt
try -o x --journal=link in.txt
try -o link --stats="../${PWD##*/}/x" in.txt
try -p -o y --journal=z --stats=z in.txt
try -p --journal=in.txt in.txt
try -p --journal=read in.txt
try -p --stats=hard in.txt
try -p --against=in.txt --journal=in.txt "$FIXTURES/good-clean.txt"
hapax -p --journal=in.txt < in.txt; echo "status $?"
try -o made/ --journal=made/in.txt in.txt; rmdir made
hapax -p --journal=out.txt in.txt > out.txt; echo "status $?"; cat out.txt
hapax -p --stats=out.txt in.txt > out.txt; echo "status $?"; cat out.txt
hapax -p --journal=/dev/stdout in.txt | cat; echo 旧 > o; ln o o2
mkdir two; cp kept.txt two/a; cp kept.txt two/b; mkdir dir; echo 旧 > dir/a; ln -s a dir/b
hapax -o dir two/a two/b; echo "status $?"; cat dir/a
# -o - is standard output, in all that depends on it.
hapax -p -o - --journal=- in.txt; echo "status $?"
hapax -q -p --no-find -o - in.txt >> in.txt; echo "status $?"; cmp in.txt kept.txt
hapax -q -p -o - in.txt | wc -c; hapax -q -o - in.txt | gzip -dc | wc -c
hapax -p --stats=- in.txt; echo "status $?"
# What may be: -o one of the inputs, a device twice.
hapax -q -p in.txt > want; hapax -q -o in.txt --journal=j in.txt; echo "status $?"; cmp in.txt want
hapax -q -p --journal=/dev/null --stats=/dev/null kept.txt > /dev/null; echo "status $?"
hapax restore -p in.txt j | cmp -s - kept.txt; cp in.txt out; hapax restore -p out j >> out; echo "status $?"; cmp out in.txt
