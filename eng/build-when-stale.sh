# Sourced by ./electra and ./test: builds when a source is newer than the last build.

# build_when_stale ROOT PROJECT PROGRAM
build_when_stale() {
  local root=$1 project=$2 program=$3 stamp="$1/artifacts/built.${2##*/}"
  if [ -x "$program" ] && [ -f "$stamp" ] \
    && [ -z "$(cd "$root" && find src tests eng *.props *.slnx global.json .editorconfig -newer "$stamp" -type f -print -quit)" ]; then
    return 0
  fi

  # Ranks of a distributed run must not build side by side on a shared disk.
  local variable
  for variable in RANK OMPI_COMM_WORLD_RANK PMI_RANK SLURM_PROCID; do
    if [ -n "${!variable:-}" ]; then
      printf 'electra: not built yet, and %s is set: run ./electra --version once before the launcher\n' "$variable" >&2
      exit 3
    fi
  done

  mkdir -p "$root/artifacts"
  exec 9>"$root/artifacts/build.lock"
  flock 9
  "$root/eng/setup.sh"
  printf 'building %s ...\n' "${project##*/}" >&2
  local log="$root/artifacts/build.log"
  if ! (touch "$stamp.started" && cd "$root" && dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=false -nodeReuse:false >"$log" 2>&1); then
    cat "$log" >&2
    printf 'electra: the build failed; the messages above say why\n' >&2
    exit 1
  fi
  mv "$stamp.started" "$stamp"
  flock -u 9
  exec 9>&-
}
