# Sourced by ./electra and ./test: finds .NET, and builds when something is newer than the last build.

# Whatever a build depends on, relative to the root.
sources=(src recipes samples tasks eng Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig)

# build_when_stale ROOT PROJECT PROGRAM
build_when_stale() {
  local root=$1 project=$2 program=$3 stamp="$1/artifacts/built.${2##*/}"
  find_dotnet
  if is_fresh; then return; fi
  refuse_among_ranks
  if ! mkdir -p "$root/artifacts" 2>/dev/null || ! [ -w "$root/artifacts" ]; then
    give_up "$root/artifacts cannot be written, and the program is not built yet or older than its sources: build where you have the rights and the room"
  fi

  if command -v flock >/dev/null; then
    exec 9>"$root/artifacts/build.lock"
    flock 9
  fi
  # Who held the lock before may have built.
  if ! is_fresh; then
    "$root/eng/setup.sh" 9>&-
    find_dotnet
    build 9>&-
  fi
  exec 9>&-
}

# The program's own host looks for .NET in the system's folders only; an SDK elsewhere must be pointed out to it.
find_dotnet() {
  local folder
  if ! command -v dotnet >/dev/null; then
    for folder in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
      if [ -x "$folder/dotnet" ]; then PATH="$folder:$PATH"; break; fi
    done
  fi
  if [ -z "${DOTNET_ROOT:-}" ] && command -v dotnet >/dev/null; then
    folder=$(dirname "$(readlink -f "$(command -v dotnet)")")
    if [ -d "$folder/host/fxr" ]; then export DOTNET_ROOT="$folder"; fi
  fi
}

# Nothing was added, changed or deleted since the last build, and it was made for the same libtorch.
# Folders are compared too: a file deleted or moved changes no other date.
is_fresh() {
  local source present=()
  [ -x "$program" ] && [ -f "$stamp" ] && [ "$(<"$stamp")" = "${Torch:-cpu}" ] || return 1
  for source in "${sources[@]}"; do
    if [ -e "$root/$source" ]; then present+=("$root/$source"); fi
  done
  [ -z "$(find "${present[@]}" -newer "$stamp" -print -quit)" ]
}

# Ranks of a distributed run must not build side by side on a shared disk.
refuse_among_ranks() {
  local variable
  for variable in RANK OMPI_COMM_WORLD_RANK PMI_RANK PMIX_RANK SLURM_PROCID; do
    if [ -n "${!variable:-}" ]; then
      give_up "$variable is set, and the program is not built yet or older than its sources: run ./electra --version once before the launcher"
    fi
  done
}

build() {
  local log="$root/artifacts/build.log" started="$stamp.started" extra=()
  # The analyzers take half of the time and find nothing in sources that passed ./test; whoever changes one builds with them.
  if [ "$project" != Electra.slnx ] && ! [ -d "$root/artifacts/obj" ]; then extra=(-p:RunAnalyzers=false); fi
  printf 'building %s ...%s\n' "${project##*/}" "$([ -f "$stamp" ] || printf ' (a minute or two the first time)')" >&2
  # The stamp carries the time of the start: what is edited during the build is built the next time.
  printf '%s\n' "${Torch:-cpu}" >"$started"
  if ! (cd "$root" && run_dotnet_build) >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    if grep -qE 'NU1301|NU1900' "$log"; then give_up "a package source could not be reached; is the network there?"; fi
    printf 'electra: the build failed; the messages above say why\n' >&2
    exit 1
  fi
  mv "$started" "$stamp"
  # The solution holds the program.
  if [ "$project" = Electra.slnx ]; then cp -p "$stamp" "$root/artifacts/built.Electra.Cli.csproj"; fi
}

# No server stays behind, nothing is asked or greeted, and a machine without ICU builds as well.
run_dotnet_build() {
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  export HOME="${HOME:-$root/artifacts/home}"
  dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=false -nodeReuse:false "${extra[@]}"
}

give_up() {
  printf 'electra: %s\n' "$1" >&2
  exit 3
}
