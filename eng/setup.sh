#!/usr/bin/env bash
# Installs what a fresh machine lacks. Silent when nothing is missing; run it as often as you like.
#   .NET SDK 10          must be there already: this script only says where to look
#   root certificates    NuGet needs them and OpenSSL to reach its sources
#   libstdc++ of GCC 13  TorchSharp 0.107 needs GLIBCXX_3.4.32; Debian 12 has 3.4.30
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin" # ldconfig and dpkg's helpers; not everyone's path has them.

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 3; }

has_dotnet() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

has_certificates() {
  local path
  ldconfig -p | grep -q 'libssl\.so\.[13]' || return 1
  for path in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    [ -s "$path" ] && return 0
  done
  return 1
}

# The loader takes LD_LIBRARY_PATH before the system's folders.
has_new_libstdcxx() {
  local folder library
  [ "$(uname -sm)" = "Linux x86_64" ] || return 0
  library=$(ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ && !path { path = $NF } END { print path }')
  while read -r -d : folder; do
    if [ -e "$folder/libstdc++.so.6" ]; then library="$folder/libstdc++.so.6"; break; fi
  done <<<"${LD_LIBRARY_PATH:-}:"
  [ -n "$library" ] && grep -qa 'GLIBCXX_3\.4\.32' "$library"
}

# apt_install PACKAGE...: asks nothing, removes nothing, waits for another apt, and is heard only when it fails.
apt_install() {
  local log
  log=$(mktemp)
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# refresh [OPTION...]: brings apt's lists up to date.
refresh() { apt-get update -qq -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout=120 "$@" >/dev/null 2>&1 </dev/null; }

require_root() { [ "$(id -u)" = 0 ] || fail "$1; run eng/setup.sh once as root (sudo eng/setup.sh)"; }

install_certificates() {
  local lack="OpenSSL or the root certificates are missing"
  command -v apt-get >/dev/null || fail "$lack; install ca-certificates and openssl with this system's package manager"
  require_root "$lack"
  say "installing ca-certificates (NuGet needs them)"
  refresh || true # An unreachable source that is not needed must not stop us.
  apt_install ca-certificates || fail "ca-certificates could not be installed; is the network there?"
}

# This machine's own package sources, with Debian 13 in the place of Debian 12: one line each, Debian's archive first.
# Others that name the release alike may have no Debian 13, so each is tried by itself.
debian_13_sources() {
  local file
  {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | grep -E '^deb ' || true
    for file in /etc/apt/sources.list.d/*.sources; do
      [ -f "$file" ] || continue
      awk 'BEGIN { RS = ""; FS = "\n" }
        { types = uris = suites = key = disabled = ""
          for (i = 1; i <= NF; i++) {
            value = $i; sub(/^[^:]*: */, "", value)
            if ($i ~ /^Types:/) types = value
            if ($i ~ /^URIs:/) uris = value
            if ($i ~ /^Suites:/) suites = value
            if ($i ~ /^Enabled: *no/) disabled = 1
            if ($i ~ /^Signed-By: *\//) key = "[signed-by=" value "] " }
          n = split(uris, uri, " "); m = split(suites, suite, " ")
          if (types ~ /(^| )deb( |$)/ && !disabled)
            for (u = 1; u <= n; u++) for (s = 1; s <= m; s++) print "deb " key uri[u] " " suite[s] " main" }' "$file"
    done
  } | grep -E ' bookworm ' | grep -E ' main( |$)' | sed -E 's/ bookworm .*/ trixie main/' \
    | awk '!seen[$0]++ { (/\/debian\/? trixie/) ? first[++n] = $0 : last[++m] = $0 }
        END { for (i = 1; i <= n; i++) print first[i]; for (i = 1; i <= m; i++) print last[i] }'
}

install_libstdcxx() {
  local lack="libstdc++ with GLIBCXX_3.4.32 is missing" codename list=/etc/apt/sources.list.d/electra-trixie.list pin=/etc/apt/preferences.d/electra-trixie source
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  [ "$codename" = bookworm ] || fail "$lack; install libstdc++6 of GCC 13 or newer (Debian 13 and Ubuntu 24.04 have it)"
  require_root "$lack"
  say "installing libstdc++6 of Debian 13 and the C library it needs (TorchSharp needs GLIBCXX_3.4.32)"

  # Pinned so low that nothing else ever comes from there.
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 1\n' >"$pin"
  while read -r source; do
    printf '%s\n' "$source" >"$list"
    # Only this source is refreshed: the machine's others are none of our business.
    if refresh -o Dir::Etc::sourcelist="$list" -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=0; then
      apt_install -t trixie libstdc++6 || fail "libstdc++6 of Debian 13 could not be installed"
      return
    fi
  done < <(debian_13_sources)
  rm -f "$list" "$pin"
  fail "no package source of this machine offers Debian 13; is the network there? Else install libstdc++6 of Debian 13 by hand"
}

has_dotnet || fail "the .NET 10 SDK is missing; install the package dotnet-sdk-10.0 (see the .NET documentation for your system) and run this again"
has_certificates || install_certificates
if ! has_new_libstdcxx; then
  install_libstdcxx
  has_new_libstdcxx || fail "libstdc++6 was installed, yet GLIBCXX_3.4.32 is still missing"
fi
