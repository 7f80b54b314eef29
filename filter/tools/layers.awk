# Checks which way the includes go. Each file of filter/ says "Layer N" in its first comment (a .c file may leave it to
# its header). It may include headers of its own layer or of lower ones; among rooms of one layer there may be no circle.
#   awk -f filter/tools/layers.awk filter/*.h filter/*.c

function room(path) {
    sub(/.*\//, "", path)
    sub(/\.[a-z]+$/, "", path)
    return path
}

FNR == 1 {
    in_comment = 1
    files[++count] = FILENAME
}
in_comment && match($0, /[Ll]ayer [0-9]+/) && !(FILENAME in layer) {
    layer[FILENAME] = substr($0, RSTART + 6, RLENGTH - 6) + 0
    if (FILENAME ~ /\.h$/ || !(room(FILENAME) in layer_of)) layer_of[room(FILENAME)] = layer[FILENAME]
}
/\*\/|^[^\/ *]/ { if (FNR > 1 || /\*\//) in_comment = 0 }
/^#include "/ {
    split($0, parts, "\"")
    includes[FILENAME] = includes[FILENAME] " " parts[2]
    line[FILENAME, parts[2]] = FNR
}

function bad(text) {
    print text
    failures++
}

# Depth-first walk over rooms; state 1: on the way, 2: done.
function walk(name, trail,    n, i, list) {
    if (state[name] == 2) return
    if (state[name] == 1) {
        bad("circle: " trail)
        return
    }
    state[name] = 1
    n = split(uses[name], list, " ")
    for (i = 1; i <= n; i++) walk(list[i], trail " -> " list[i])
    state[name] = 2
}

END {
    for (f = 1; f <= count; f++) {
        path = files[f]
        if (!(room(path) in layer_of)) bad(path ": says no layer in its first comment")
    }
    for (f = 1; f <= count; f++) {
        path = files[f]
        mine = (path in layer) ? layer[path] : layer_of[room(path)]
        n = split(includes[path], list, " ")
        for (i = 1; i <= n; i++) {
            other = room(list[i])
            if (list[i] == "hapax.h" || list[i] ~ /\.def$/ || other == room(path)) continue
            if (!(other in layer_of)) {
                bad(path ":" line[path, list[i]] ": " list[i] " is no room of filter/")
                continue
            }
            if (layer_of[other] > mine)
                bad(path ":" line[path, list[i]] ": layer " mine " includes " list[i] ", layer " layer_of[other])
            uses[room(path)] = uses[room(path)] " " other
        }
    }
    for (f = 1; f <= count; f++) walk(room(files[f]), room(files[f]))
    printf "layers    %d files, %d wrong\n", count, failures
    exit failures > 0
}
