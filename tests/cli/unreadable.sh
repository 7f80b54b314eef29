# What cannot be read is named and passed over; the rest is done, and the status is 3.
cp "$FIXTURES/good-clean.txt" a.txt
printf '第二篇。\n' > b.txt
mkdir folder
hapax -p a.txt missing.txt folder b.txt; echo "status $?"
hapax -z missing.txt | gzip -dc | wc -c
hapax -q -p --against=missing.txt a.txt; echo "status $?"
cat a.txt > same.txt; hapax -q -p b.txt same.txt >> same.txt; echo "status $?"
