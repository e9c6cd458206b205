# Sourced by tools/setup and tools/kernel-matrix: Debian's packages for arm64, downloaded into a folder of their own and
# unpacked there, never installed.
# shellcheck shell=bash disable=SC2034,SC2154

ARM64=${XDG_CACHE_HOME:-${HOME:-$ROOT/build}/.cache}/plateau/arm64
ARM64_ROOT=$ARM64/root    # unpacked: what cmake/arm64.cmake takes as PLATEAU_ARM64_ROOT
ARM64_BUILD=build-arm64   # below the top of the tree

# What the programs link, and busybox for the machines that they run in.
ARM64_PACKAGES=(
  libc6-dev libstdc++-12-dev libbpf-dev libelf-dev libdw-dev zlib1g-dev prometheus-cpp-dev libcli11-dev
  nlohmann-json3-dev liburing-dev libssl-dev libnghttp2-dev libmicrohttpd-dev libgnutls28-dev libyaml-cpp-dev
  libcrypt-dev libprotobuf-dev libcurl4-openssl-dev libncurses-dev libgtest-dev libgmock-dev busybox-static
)

# arm64_apt apt-get|apt-cache [argument…]: with lists, a cache and a status of its own, in which nothing is installed.
arm64_apt() {
  local program=$1
  shift
  "$program" -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Install-Recommends=false \
    -o Dir::State::lists="$ARM64/lists" -o Dir::State::status="$ARM64/status" -o Dir::Cache="$ARM64/cache" \
    -o Dir::Etc::sourcelist="$ARM64/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Debug::NoLocking=true \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

# Makes apt's folders, and fetches its lists: from where this machine has its own packages.
update_arm64() {
  local suite archive
  mkdir -p "$ARM64/lists/partial" "$ARM64/cache/archives/partial"
  : >"$ARM64/status"
  for suite in bookworm bookworm-security; do
    archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" | head -n 1)
    [[ -z $archive ]] || say "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main"
  done >"$ARM64/sources.list"
  arm64_apt apt-get update
}

# Downloads what is missing of the packages, with all that they depend on, and unpacks them all.
fetch_arm64() {
  local package
  update_arm64 && arm64_apt apt-get --yes --download-only install "${ARM64_PACKAGES[@]}" || return 1
  rm -rf "$ARM64_ROOT.new"
  mkdir -p "$ARM64_ROOT.new"
  for package in "$ARM64"/cache/archives/*.deb; do
    dpkg-deb --extract "$package" "$ARM64_ROOT.new" || return 1
  done
  rm -rf "$ARM64_ROOT"
  mv "$ARM64_ROOT.new" "$ARM64_ROOT"
}

# arm64_libraries FILE: the shared libraries that a program of theirs is linked with, directly or not, as paths below
# $ARM64_ROOT, and what loads them.
arm64_libraries() {
  local -A seen=()
  local files=("$1") name path
  path=$(readelf --program-headers "$1" 2>/dev/null | sed -n 's/.*interpreter: \(.*\)\]$/\1/p')
  [[ -n $path ]] || return 0
  say "$path"
  while [[ ${#files[@]} -gt 0 ]]; do
    while read -r name; do
      [[ -z ${seen[$name]:-} ]] || continue
      for path in {/usr,}/lib/aarch64-linux-gnu; do
        [[ -e $ARM64_ROOT$path/$name ]] || continue
        seen[$name]=yes
        files+=("$ARM64_ROOT$path/$name")
        say "$path/$name"
        break
      done
    done < <(readelf --dynamic "${files[0]}" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
    files=("${files[@]:1}")
  done
}
