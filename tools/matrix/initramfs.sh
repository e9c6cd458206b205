# Sourced by tools/kernel-matrix: the root of the machine's files, in memory.
# shellcheck shell=bash disable=SC2154

# Tools are for the machines' architecture; $libraries is where its files are: / of a machine like this one.
missing_tools() {
  local tool
  for tool in "$qemu" "$strip" readelf cpio dpkg-deb apt-get; do
    command -v "$tool" >/dev/null || { say "$tool is missing" && return; }
  done
  [[ -x $libraries/bin/busybox ]] || say "$libraries/bin/busybox is missing"
}

libraries_of() {
  if [[ -n $libraries ]]; then arm64_libraries "$1"; else ldd "$1" 2>/dev/null | grep -o '/[^ ]*'; fi
}

# add_program ROOT FILE FOLDER: without its debugging information, and with the libraries it is linked with.
add_program() {
  local library
  install -D -m 755 "$2" "$1$3/$(basename "$2")"
  "$strip" --strip-debug "$1$3/$(basename "$2")" 2>/dev/null || true
  while read -r library; do
    [[ -e $1$library ]] || install -D "$(readlink -f "$libraries$library")" "$1$library"
  done < <(libraries_of "$2")
}

# Test programs know the others by the path where they were built: the same path leads to them in the machine.
add_build() {
  local root=$1 program
  for program in "$build"/bin/plateau{,-httpd,-load}; do add_program "$root" "$program" /plateau/bin; done
  program=$build/tests/targets/other_roads
  if [[ -x $program ]]; then add_program "$root" "$program" /plateau/tests/targets; fi
  for program in "$build"/tests/vm_*; do
    if [[ -x $program ]]; then add_program "$root" "$program" /plateau/tests; fi
  done
  mkdir -p "$root$(dirname "$build")"
  ln -sfn /plateau "$root$build"
}

# make_initramfs FILE COMMAND
make_initramfs() {
  local root=$scratch/files file
  mkdir -p "$root"/{bin,dev,proc,sys,tmp,with}
  add_program "$root" "$libraries/bin/busybox" /bin
  # shellcheck disable=SC2153
  install "$ROOT/tools/matrix/init" "$root/init"
  add_build "$root"
  for file in "${with[@]}"; do add_program "$root" "$file" /with; done
  printf '%s\n' "$2" >"$root/command"
  (cd "$root" && find . -print0 | cpio --quiet --null --create --format=newc --owner=0:0) >"$1"
  rm -rf "$root"
}

# add_modules INITRAMFS MODULES FILE: FILE is INITRAMFS with the folder MODULES of a kernel's modules as /modules.
add_modules() {
  local root=$scratch/modules
  mkdir -p "$root"
  cp -r "$2" "$root/modules"
  (cat "$1" && cd "$root" && find modules -print0 | cpio --quiet --null --create --format=newc --owner=0:0) >"$3"
  rm -rf "$root"
}
