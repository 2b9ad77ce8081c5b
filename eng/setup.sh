#!/usr/bin/env bash
# Installs what a fresh machine lacks. Silent when nothing is missing, idempotent.
#   .NET SDK 10          must be there already: this script only says where to look
#   libstdc++ of GCC 13  TorchSharp 0.107 needs GLIBCXX_3.4.32; Debian 12 ships 3.4.30
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 3; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing; install the package dotnet-sdk-10.0 (see the .NET documentation for your system) and run this again"

newest_glibcxx() {
  local library
  library=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')
  [ -n "$library" ] && grep -aoE 'GLIBCXX_3\.4\.[0-9]+' "$library" | sort -t. -k3 -n | tail -n 1 || true
}
at_least_32() { local version=${1##*.}; [ -n "$version" ] && [ "$version" -ge 32 ]; }

if [ "$(uname -sm)" = "Linux x86_64" ] && ! at_least_32 "$(newest_glibcxx)"; then
  . /etc/os-release
  [ "${VERSION_CODENAME:-}" = bookworm ] || fail "libstdc++ with GLIBCXX_3.4.32 is missing; install libstdc++6 of GCC 13 or newer (Debian 13 and Ubuntu 24.04 have it)"
  [ "$(id -u)" = 0 ] || fail "libstdc++ with GLIBCXX_3.4.32 is missing; run eng/setup.sh once as root"
  say "installing libstdc++6 from Debian 13 (TorchSharp needs GLIBCXX_3.4.32)"

  # A Debian 13 source made from this machine's own, pinned so low that nothing else is taken from it.
  source_list=/etc/apt/sources.list.d/electra-trixie.list
  {
    [ -f /etc/apt/sources.list ] && grep -E '^deb ' /etc/apt/sources.list || true
    for file in /etc/apt/sources.list.d/*.sources; do
      [ -f "$file" ] || continue
      awk 'BEGIN { RS = ""; FS = "\n" }
        { types = ""; uris = ""; suites = ""; key = ""
          for (i = 1; i <= NF; i++) {
            if ($i ~ /^Types:/) types = substr($i, 7); if ($i ~ /^URIs:/) uris = substr($i, 6)
            if ($i ~ /^Suites:/) suites = substr($i, 8); if ($i ~ /^Signed-By:/) key = substr($i, 11) }
          gsub(/^ +/, "", key); split(uris, uri, " "); split(suites, suite, " ")
          if (types ~ /deb/) for (u in uri) for (s in suite)
            print "deb " (key ~ /^\// ? "[signed-by=" key "] " : "") uri[u] " " suite[s] " main" }' "$file"
    done
  } | grep -E ' bookworm ' | sed -E 's/ bookworm / trixie /' | sort -u > "$source_list.tmp"
  [ -s "$source_list.tmp" ] || { rm -f "$source_list.tmp"; fail "no Debian 12 package source found on this machine; install libstdc++6 of Debian 13 by hand"; }
  mv "$source_list.tmp" "$source_list"
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 1\n' > /etc/apt/preferences.d/electra-trixie
  export DEBIAN_FRONTEND=noninteractive
  # Only this one source is refreshed: other sources of the machine are none of our business.
  apt-get update -qq -o Dir::Etc::sourcelist="$source_list" -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=0 >&2 \
    || fail "the Debian 13 package lists could not be read; is the network there?"
  apt-get install -y -qq -t trixie --no-install-recommends libstdc++6 >/dev/null \
    || fail "libstdc++6 of Debian 13 could not be installed"
  at_least_32 "$(newest_glibcxx)" || fail "libstdc++6 was installed, yet GLIBCXX_3.4.32 is still missing"
fi
