# -o FILE is replaced whole or not at all; links are followed; what is no regular file is written directly.
cp "$FIXTURES/good-clean.txt" in.txt
umask 027
hapax -q -o new.txt in.txt && stat -c '%n %a' new.txt && cmp new.txt in.txt
echo old > kept.txt && chmod 640 kept.txt && hapax -q -o kept.txt in.txt && stat -c '%n %a' kept.txt
mkdir deep && ln -s deep/target.txt link.txt && hapax -q -o link.txt in.txt && ls -l link.txt deep | awk '{print $NF}'
ln -s link.txt link2.txt && echo more >> deep/target.txt && hapax -q -o link2.txt in.txt && cmp deep/target.txt in.txt && echo through two links
cp "$FIXTURES/river.txt" both.txt && hapax -q -p both.txt > want.txt && hapax -q -o both.txt both.txt && cmp both.txt want.txt && echo input is output
hapax -q -o /dev/null in.txt && echo device
mkfifo pipe && { cat pipe > from.txt & hapax -q -o pipe in.txt; wait; } && cmp from.txt in.txt && test -p pipe && echo fifo
hapax -q -o out.gz in.txt && gzip -dc out.gz | cmp - in.txt && echo compressed
hapax -q -p -o plain.gz in.txt && cmp plain.gz in.txt && echo explicit -p wins
echo precious > old.txt
hapax -o old.txt missing.txt; echo "status $?"; cat old.txt
hapax -q -o old.txt --max-removed=1% "$FIXTURES/river.txt"; echo "status $?"; cat old.txt
hapax -o no/such/folder.txt in.txt; echo "status $?"
ln -s loop loop; hapax -o loop in.txt; echo "status $?"
ls -A | grep hapax- ; exit 0
