# SIGTERM and SIGINT remove temporary files and then kill; SIGUSR1 prints the progress and changes nothing.
cp "$FIXTURES/good-clean.txt" in.txt
echo old > out.txt
wait_for() { # wait_for COMMAND...: until it succeeds, 10 s at most
    n=0
    until "$@" >/dev/null 2>&1 || [ $n -ge 200 ]; do sleep 0.05; n=$((n + 1)); done
}
has_temporary() { ls -A | grep -q '^\.hapax-'; }
mkfifo feed
for j in 1 2; do
    for signal in TERM HUP; do
        hapax -q -j$j -o out.txt < feed &
        pid=$!
        exec 3> feed
        cat in.txt >&3
        wait_for has_temporary
        kill -$signal $pid
        wait $pid 2>/dev/null
        echo "status $?"
        exec 3>&-
        ls -A; cat out.txt
    done
done
hapax -q -p < feed 2> said > got &
pid=$!
exec 3> feed
cat in.txt >&3
# Before the process has blocked it, SIGUSR1 kills.
wait_for grep -q 'SigBlk:.*[2367abef]..$' /proc/$pid/status
n=0
# The signal may come before the first byte is read: then it is sent again.
until grep -q removed said || [ $n -ge 200 ]; do kill -USR1 $pid; sleep 0.05; n=$((n + 1)); done
exec 3>&-
wait $pid
echo "status $?"
cmp got in.txt && sed 's/[0-9.]* [kM]*B*\(ytes\)*\(bytes\)*\/s/RATE/; q' said | sed 's/^hapax: [0-9]* bytes/hapax: N bytes/'
# A summary that waits for its reader can be ended. Before, nobody waited for signals any more when the outputs had their names.
rm -f out.txt
mkfifo full
exec 4<> full
head -c 65530 /dev/zero >&4
hapax -p -o out.txt in.txt 2>&4 &
pid=$!
wait_for test -e out.txt
sleep 0.2
kill -TERM $pid
wait_for sh -c "! kill -0 $pid || grep -q '^State:.Z' /proc/$pid/status"
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
echo "status $?"
exec 4>&-
cmp out.txt in.txt
