#!/bin/sh
# What `make` does here: `make.sh dist` builds the shop where anything it is made of has changed, `make.sh check` looks at types
# and style. Where there is no node, it says so and goes on: the API needs none of this.
set -eu
cd "$(dirname "$0")/.."

without() {
    echo "The storefront is left out: $1"
    exit 0
}

# By content: git and generators touch files that they do not change.
made_of() {
    find index.html ./*.ts ./*.js ./*.json public src build ../schema/perkhub_schema/schema.graphql -type f ! -name operations.ts |
        LC_ALL=C sort | xargs cat | cksum
}

case "${1:-}" in
dist)
    mark=node_modules/.built
    [ -f dist/index.html ] || rm -f "$mark"
    ;;
check) mark=node_modules/.checked ;;
*) echo "make.sh dist | check" && exit 2 ;;
esac
now=$(made_of)
[ "$(cat "$mark" 2>/dev/null)" = "$now" ] && exit 0

command -v node >/dev/null && command -v npm >/dev/null || without "it needs Node 20.19 or later, and there is none."
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    without "it needs Node 20.19 or later, and this is $(node --version)."

if [ ! -f node_modules/.package-lock.json ] || ! cmp -s package-lock.json node_modules/.fetched; then
    # Whoever never built it need not fetch all of its tools for a look at Python: tests/house asks whether its operations fit.
    [ "$1" = dist ] || [ -n "${CI:-}" ] || without "its types and style are looked at once it was built here (make demo)."
    echo "Fetching what the storefront is built with (once, some seconds) …"
    npm ci --silent --no-audit --no-fund || without "npm could not fetch what it is built with."
    cp package-lock.json node_modules/.fetched
fi

case "$1" in
dist)
    echo "Building the storefront (some seconds) …"
    npm run --silent build -- --logLevel warn
    ;;
check) npm run --silent check ;;
esac
echo "$now" > "$mark"
