# Sourced by ./run and ./test: puts in place what building and testing need, and builds.
# What is there already costs one look: no package manager is asked, nothing is configured again.
# shellcheck shell=bash

say() { printf '\033[2m── %s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# To build the program. The test libraries are here too: both commands share one build directory.
build_packages=(
  ca-certificates
  clang-19 lld-19 ccache cmake ninja-build pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libsoci-dev libsqlite3-dev libpq-dev libutf8proc-dev
  libcjose-dev libjansson-dev libsodium-dev libcrypt-dev libssl-dev libhiredis-dev
  prometheus-cpp-dev zlib1g-dev
  libspdlog-dev libfmt-dev libcli11-dev
  libgtest-dev libgmock-dev librapidcheck-dev
)
# Of these the tests and ./run cluster start private instances; nothing of the machine's own is touched.
# shellcheck disable=SC2034  # ./run reads it
server_packages=(postgresql-15 redis-server nginx haproxy)
# To test it: formatter, sanitizers with their symbolizer, the sqlite3 program as a foreign writer, a browser,
# what makes and checks Debian packages.
# shellcheck disable=SC2034  # ./test reads it
test_packages=(
  "${build_packages[@]}"
  clang-format-19 clang-tidy-19 libclang-rt-19-dev llvm-19 shellcheck
  sqlite3 chromium fonts-dejavu-core
  dpkg-dev file systemd
  python3-socketio python3-aiohttp
  "${server_packages[@]}"
)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "needs root or sudo to install packages: $*"
  fi
}

# install_packages NAME…: installs those of the Debian packages that are missing.
install_packages() {
  local wanted=("$@") missing installed name
  # Another Node than Debian's is as good, and usually brings its own npm.
  command -v node >/dev/null || wanted+=(nodejs)
  command -v npm >/dev/null || wanted+=(npm)
  installed=" $(dpkg-query -W -f='${db:Status-Status}/${Package} ' "${wanted[@]}" 2>/dev/null || true)"
  missing=()
  for name in "${wanted[@]}"; do
    [[ "$installed" == *" installed/$name "* ]] || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return
  say "installing ${missing[*]}"
  as_root bash "$(dirname "${BASH_SOURCE[0]}")/apt-install.sh" "${missing[@]}"
}

# install_modules FOLDER: what FOLDER/package-lock.json names, if node_modules is older than it.
install_modules() {
  local marker="$1/node_modules/.package-lock.json"
  [ -e "$marker" ] && ! [ "$1/package-lock.json" -nt "$marker" ] && return
  say "installing the npm packages of $1/"
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund)
}

# build PRESET [TARGET]: configures once; ninja itself notices when that has to be done again.
build() {
  [ -e "build/$1/build.ninja" ] || cmake --preset "$1" || die "cmake --preset $1 failed"
  cmake --build --preset "$1" ${2:+--target "$2"} || die "the build of preset $1 failed"
}

install_all() {  # install_all NAME…: before anything is built
  install_packages "$@"
  node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' ||
    die "needs Node 18 or later, found $(node --version)"
  install_modules web
}
