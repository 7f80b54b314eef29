# What is wrong on the command line gives status 2, one sentence, and nothing on standard output.
try() {
    hapax "$@" </dev/null
    echo "status $?"
}
try --frobnicate
try -x
try --min-length
try --min-length=119
try --min-length=12x
try --min-length=65537
try --jobs=-1
try --memory=15M
try --memory=many
try --max-removed=130%
try --scope=everywhere
try --on-full=freeze
try --plain=yes
try --journal=
try --journal=-
try -- - -
try --no-find --against=x
try --no-find --no-remove
try restore one
try restore one two three
try restore --journal=x one two
