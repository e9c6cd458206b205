# Sourced by tools/kernel-matrix: the kernels by name, and where they come from.
# shellcheck shell=bash disable=SC2154

KERNELS=(6.1-amd64 6.1-cloud-amd64 6.1-rt-amd64 6.12-amd64 6.12-cloud-amd64 6.12-rt-amd64)

# On demand: of these alone, for they take programs of their own.
ARM64_KERNELS=(6.1-arm64 6.12-arm64)

is_arm64() { [[ $1 == *-arm64* ]]; }

# One of these, or one under lockdown.
is_kernel() {
  local kernel
  for kernel in "${KERNELS[@]}" "${ARM64_KERNELS[@]}"; do [[ $kernel != "${1%+lockdown}" ]] || return 0; done
  return 1
}

# matrix_apt KERNEL apt-get|apt-cache [argument…]
matrix_apt() {
  local kernel=$1
  shift
  if is_arm64 "$kernel"; then arm64_apt "$@"; else "$@"; fi
}

# The newest package that holds the kernel, among those that apt knows; nothing if there is none.
kernel_package() {
  local version=${1%%-*} flavour=${1#*-}
  matrix_apt "$1" apt-cache pkgnames "linux-image-$version." | grep -E "^linux-image-${version//./\\.}\.[0-9][^-]*(-[0-9]+)?-$flavour\$" |
    sort --version-sort | tail -n 1
}

# What sock_diag and TLS in the kernel take, where it is not built in.
MODULES=(inet_diag tcp_diag tls gcm ghash-generic gf128mul ctr aead crypto_null)

# unpack_kernel KERNEL PACKAGE FOLDER: of the package only the kernel and, in FOLDER/modules, ${MODULES[@]}.
unpack_kernel() {
  local module
  (
    cd "$3" && matrix_apt "$1" apt-get -qq download "$2" && dpkg-deb --fsys-tarfile ./*.deb |
      tar --extract --wildcards --transform 's|.*/||' './boot/vmlinuz-*' './lib/modules/*/kernel/net/tls/*.ko*' \
        './lib/modules/*/kernel/net/ipv4/*.ko*' './lib/modules/*/kernel/crypto/*.ko*' \
        './lib/modules/*/kernel/lib/crypto/*.ko*' && mkdir modules &&
      for module in "${MODULES[@]}"; do
        [[ ! -e $module.ko.xz ]] || unxz "$module.ko.xz"
        [[ ! -e $module.ko ]] || mv "$module.ko" modules
      done
  ) >"$scratch/unpack.log" 2>&1
}

# A number of four bytes in FILE at OFFSET; of one: byte_at.
number_at() { od --address-radix=n --format=u4 --skip-bytes="$2" --read-bytes=4 "$1" | tr -d ' '; }
byte_at() { od --address-radix=n --format=u1 --skip-bytes="$2" --read-bytes=1 "$1" | tr -d ' '; }

# uncompressed IMAGE FILE: writes the kernel that a compressed image holds, as Documentation/arch/x86/boot.rst says
# where, so that no emulated machine has to unpack it at each boot. Fails where there is no program for it.
uncompressed() {
  local image=$1 start length unpack
  start=$((($(byte_at "$image" $((0x1f1))) + 1) * 512 + $(number_at "$image" $((0x248)))))
  length=$(($(number_at "$image" $((0x24c))) - 4))
  case $(od --address-radix=n --format=x1 --skip-bytes="$start" --read-bytes=4 "$image" | tr -d ' ') in
    fd377a58) unpack=(xz --decompress --stdout --single-stream) ;;
    28b52ffd) unpack=(zstd --decompress --stdout --quiet) ;;
    02214c18) unpack=(lz4 --decompress --stdout) ;;
    1f8b08*) unpack=(gzip --decompress --stdout) ;;
    *) return 1 ;;
  esac
  command -v "${unpack[0]}" >/dev/null || return 1
  head --bytes=$((start + length)) "$image" | tail --bytes="$length" | "${unpack[@]}" >"$2" 2>/dev/null
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
    if ! unpack_kernel "$kernel" "$package" "$folder"; then
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
  if is_arm64 "$kernel"; then say "$image" && return; fi  # not compressed
  local whole=${image/vmlinuz-/vmlinux-}
  if [[ ! -s $whole ]] && uncompressed "$image" "$whole.$$"; then mv "$whole.$$" "$whole"; fi
  rm -f "$whole.$$"
  if [[ -s $whole ]]; then say "$whole"; else say "$image"; fi
}

modules_of() { say "${1/vmlinu[xz]-/modules-}"; }
