# SIGPIPE kills quietly and leaves no temporary file; where it is ignored, EPIPE ends with 2 and without words.
i=0; while [ $i -lt 3000 ]; do echo "第 $i 段，每一段都有不同的数字，这样就没有重复。"; i=$((i + 1)); done > in.txt
for j in 1 2; do
    { hapax -q -p -j$j --journal=journal.jsonl in.txt in.txt; echo "status $?" >&2; } | head -c 10 | wc -c
    (trap '' PIPE; { hapax -p -j$j in.txt in.txt; echo "status $?" >&2; } | head -c 10 | wc -c)
done
# What was cut when the reader went away was called damage of the input, in most runs of this.
i=0; while [ $i -lt 6 ]; do cat in.txt in.txt in.txt in.txt in.txt in.txt; i=$((i + 1)); done > long.txt
for j in 1 2 2 2 2 2 2 2; do
    (trap '' PIPE; { hapax -q -p --no-find -j$j long.txt; echo "status $?" >&2; } | head -c 1 | wc -c)
    (trap '' PIPE; { gzip -c long.txt 2>/dev/null | hapax -q -p --no-find -j$j; echo "status $?" >&2; } | head -c 1 | wc -c)
done
rm long.txt
ls -A
