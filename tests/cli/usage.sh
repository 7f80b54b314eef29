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
# Verbs that do not exist yet are no files.
for verb in check stats rules; do echo text > $verb; try $verb --help; done
hapax -q -p ./check; hapax clean -q -p check
try --stats=-
for option in max-removed=5% min-length=200 scope=within memory=1G tmpdir=/tmp on-full=stop journal=x exit-code; do try --no-find --$option check; done
try -o x.zst check
try -z -o - --journal=x.zst check
cp check made.zst; mkdir made; try -o made made.zst
try restore -o x.zst one two
try "--$(printf 'a\033[31mb')"
ls
