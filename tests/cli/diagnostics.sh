# Warnings, damage and the summary, as people read them.
cp "$FIXTURES"/*.txt "$MADE"/* .
hapax -p river.txt
echo "status $?"
hapax -p bad-utf8.txt bad-utf8-end.txt
echo "status $?"
hapax -p bad-cut.gz > out; echo "status $?"
hapax -p bad-trailing.gz > out; echo "status $?"
hapax -p --stdin-name=pasted < river.txt > out; echo "status $?"
hapax -q -p river.txt > out; echo "status $?"
hapax -p --max-removed=50% river.txt river.txt river.txt river.txt > out; echo "status $?"
hapax -p river.txt river.txt river.txt river.txt > out; echo "status $?"
