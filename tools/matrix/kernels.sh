# Sourced by tools/kernel-matrix: the kernels by name, and where they come from.
# shellcheck shell=bash disable=SC2154

KERNELS=(6.1-amd64 6.1-cloud-amd64 6.1-rt-amd64 6.12-amd64 6.12-cloud-amd64 6.12-rt-amd64)

# Of amd64, or one of these under lockdown.
is_kernel() {
  local kernel
  for kernel in "${KERNELS[@]}"; do [[ $kernel != "${1%+lockdown}" ]] || return 0; done
  return 1
}

# The newest package that holds the kernel, among those that apt knows; nothing if there is none.
kernel_package() {
  local version=${1%%-*} flavour=${1#*-}
  apt-cache pkgnames "linux-image-$version." | grep -E "^linux-image-${version//./\\.}\.[0-9][^-]*(-[0-9]+)?-$flavour\$" |
    sort --version-sort | tail -n 1
}

# What sock_diag and TLS in the kernel take, where it is not built in.
MODULES=(inet_diag tcp_diag tls gcm ghash-generic gf128mul ctr aead crypto_null)

# unpack_kernel PACKAGE FOLDER: of the package only the kernel and, in FOLDER/modules, ${MODULES[@]}.
unpack_kernel() {
  local module
  (
    cd "$2" && apt-get -qq download "$1" && dpkg-deb --fsys-tarfile ./*.deb |
      tar --extract --wildcards --transform 's|.*/||' './boot/vmlinuz-*' './lib/modules/*/kernel/net/tls/*.ko*' \
        './lib/modules/*/kernel/net/ipv4/*.ko*' './lib/modules/*/kernel/crypto/*.ko*' \
        './lib/modules/*/kernel/lib/crypto/*.ko*' && mkdir modules &&
      for module in "${MODULES[@]}"; do
        [[ ! -e $module.ko.xz ]] || unxz "$module.ko.xz"
        [[ ! -e $module.ko ]] || mv "$module.ko" modules
      done
  ) >"$scratch/unpack.log" 2>&1
}

# fetch_kernel KERNEL CACHE: the path of its image; modules are in a folder beside it, as modules_of IMAGE says.
# Failing that, one line in $scratch/fetch.error says why.
fetch_kernel() {
  local kernel=${1%+lockdown} cache=$2 package image folder
  mkdir -p "$cache"
  package=$(kernel_package "$kernel") || true
  if [[ -z $package ]]; then
    say "apt knows no package of the kernel $kernel: apt-get update, or add the suite that has it" \
      >"$scratch/fetch.error"
    return 1
  fi
  image=$cache/vmlinuz-${package#linux-image-}
  if [[ ! -s $image || ! -d $(modules_of "$image") ]]; then
    folder=$(mktemp -d "$scratch/package.XXXXXX")
    if ! unpack_kernel "$package" "$folder"; then
      say "cannot download and unpack $package ($(tail -n 1 "$scratch/unpack.log")): check the network and the" \
        "sources in /etc/apt" >"$scratch/fetch.error"
      return 1
    fi
    rm -rf "$(modules_of "$image")"
    cp -r "$folder/modules" "$(modules_of "$image")"
    cp "$folder"/vmlinuz-* "$image.$$"
    mv "$image.$$" "$image"
    rm -rf "$folder"
  fi
  say "$image"
}

modules_of() { say "${1/vmlinuz-/modules-}"; }
