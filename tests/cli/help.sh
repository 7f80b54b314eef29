# The help screens fit on a screen, name no verb or option that does not exist, and every option in them is accepted.
hapax --help
echo "status $?"
hapax restore --help
hapax --help | awk 'length($0) > 80 {wide++} END {print NR <= 40 ? "fits" : "too long: " NR, wide + 0, "wide"}'
hapax --version | sed 's/[0-9][0-9.]*/N/g'
for option in $(hapax --help | grep -o -- '--[a-z][a-z-]*' | sort -u); do
    case $option in --help | --version) continue ;; esac
    hapax "$option" </dev/null 2>&1 | grep -i 'unknown'
    hapax "$option=160" </dev/null 2>&1 | grep -i 'unknown'
    rm -rf 160
done
exit 0
