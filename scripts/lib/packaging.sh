# shellcheck shell=bash
# How packages are made. Sourced after common.sh; it only defines functions and variables.

packages="$root/.build-package"
sources="$root/scripts/package.d"
deploy="$root/docs/deploy"

# What makes packages: all of it is on every Debian that can build C.
require_packers() {
  local missing=()
  have dpkg-deb || missing+=(dpkg)
  have dpkg-shlibdeps || missing+=(dpkg-dev)
  have strip || missing+=(binutils)
  [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
}

# The release, which has the Swift runtime in itself (Package.swift), without its symbols: $packages/weir
build_package_binary() {
  swift build --configuration release --product weir
  mkdir -p "$packages"
  strip --strip-unneeded --remove-section=.comment -o "$packages/weir" "$root/.build/release/weir"
  local libraries
  libraries=$(ldd "$packages/weir") || die "ldd can't read $packages/weir."
  if grep -Ei 'swift|dispatch|foundation|not found' <<<"$libraries"; then
    die "$packages/weir needs the libraries above, which no other machine has."
  fi
}

# The one place where the version is.
weir_version() {
  sed -n 's/.*current = "\(.*\)".*/\1/p' "$root/Sources/WeirDaemon/Version.swift"
}

# 0.1.0-1~deb12: what is built for an older release sorts before what is built for a newer one.
package_version() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "$(weir_version)-1~${ID/debian/deb}${VERSION_ID:-}")
}

# Who packs: as Debian's other tools ask. Without an answer, an address that cannot exist.
maintainer() {
  echo "${DEBFULLNAME:-The Weir authors} <${DEBEMAIL:-weir@packages.invalid}>"
}

# The time of the last change, so that packing again gives the same package.
package_time() {
  echo "${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}"
}

# Prints the name of the package that it makes.
make_deb() {
  local tree="$packages/deb" architecture version file units
  architecture=$(dpkg --print-architecture)
  version=$(package_version)
  SOURCE_DATE_EPOCH=$(package_time)
  export SOURCE_DATE_EPOCH
  rm -rf "$tree"
  # Debian 12 and its likes have units in /lib, which later is a link to /usr/lib.
  units=usr/lib/systemd/system
  [ -L /lib ] && dpkg --compare-versions "$(dpkg-query -W -f '${Version}' base-files 2>/dev/null)" lt 13 &&
    units=lib/systemd/system
  install -D -m 755 "$packages/weir" "$tree/usr/bin/weir"
  install -D -m 644 -t "$tree/$units" "$deploy/systemd"/weir{.service,.socket,-web.socket}
  install -D -m 644 "$deploy/systemd/weir.sysctl" "$tree/usr/lib/sysctl.d/50-weir.conf"
  install -D -m 644 "$deploy/systemd/weir.default" "$tree/etc/default/weir"
  install -D -m 644 -t "$tree/etc/weir" "$deploy/systemd/mapping.yml" "$deploy/systemd/web.yml"
  install_documents "$tree/usr/share/doc/weir" "$version"
  install_completions "$tree"
  install -D -m 755 -t "$tree/DEBIAN" "$sources"/{postinst,prerm,postrm}
  install -m 644 "$sources/conffiles" "$tree/DEBIAN"
  sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" \
    -e "s|@MAINTAINER@|$(maintainer)|" -e "s|@DEPENDS@|$(library_packages)|" \
    -e "s|@NATS@|$(nats_package)|" \
    -e "s|@SIZE@|$(du -sk --exclude=DEBIAN "$tree" | cut -f 1)|" \
    "$sources/control" >"$tree/DEBIAN/control"
  (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z |
    xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  file="$packages/weir_${version}_$architecture.deb"
  dpkg-deb --root-owner-group -Zxz --build "$tree" "$file" >/dev/null
  echo "$file: $(stat -c %s "$file") bytes"
}

# Everything that operators and users of the clients read or use, with its place in the sources. What developers read
# stays there: scripts/package.d/check-documents has the same places.
documents() {
  (cd "$root" && echo README.md && ls Sources/Clients/*/README.md &&
    find docs -name '.*' -prune -o -path docs/decisions -prune -o -path docs/deploy/compose/secrets -prune -o \
      -name node_modules -prune -o -type f ! -path docs/architecture.md ! -path docs/CONTRIBUTING.md -print)
}

# install_documents FOLDER VERSION
install_documents() {
  local folder=$1 version=$2 document
  mkdir -p "$folder"
  install -m 644 "$sources/copyright" "$folder/copyright"
  documents | while read -r document; do
    mkdir -p "$folder/$(dirname "$document")"
    case $document in
      *.md | */protocol-vectors.json) gzip -9 -n <"$root/$document" >"$folder/$document.gz" ;;
      *) install -m 644 "$root/$document" "$folder/$document" ;;
    esac
  done
  {
    echo "weir ($version) unstable; urgency=medium"
    echo
    echo "  * Version $(weir_version). What is new in it is in docs/CHANGELOG.md.gz."
    echo
    echo " -- $(maintainer)  $(date -R -u -d "@$SOURCE_DATE_EPOCH")"
  } | gzip -9 -n >"$folder/changelog.Debian.gz"
  find "$folder" -type f -exec chmod 644 {} +
}

# install_completions TREE: completions for shells and the manual page, as the program prints them.
install_completions() {
  local share="$1/usr/share" weir="$packages/weir"
  mkdir -p "$share"/{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d,man/man1}
  "$weir" completion bash >"$share/bash-completion/completions/weir"
  "$weir" completion zsh >"$share/zsh/vendor-completions/_weir"
  "$weir" completion fish >"$share/fish/vendor_completions.d/weir.fish"
  "$weir" man | gzip -9 -n >"$share/man/man1/weir.1.gz"
  (cd "$share" && chmod 644 bash-completion/completions/weir zsh/vendor-completions/_weir \
    fish/vendor_completions.d/weir.fish man/man1/weir.1.gz)
}

# The packages of the libraries that the binary needs, as a control file has them.
library_packages() {
  local scratch="$packages/shlibdeps"
  rm -rf "$scratch"
  mkdir -p "$scratch/debian"
  printf 'Source: weir\n\nPackage: weir\nArchitecture: any\n' >"$scratch/debian/control"
  (cd "$scratch" && dpkg-shlibdeps -O "$packages/weir" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
}

# Where this machine has libnats, which the program opens for --cluster.nats alone.
nats_library() {
  local library
  library=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | sed -nE 's/.*libnats\.so\.3\.[0-9]+ .*=> (.*)/\1/p' | head -n 1)
  [ -n "$library" ] || die "There is no libnats.so.3 here; install libnats-dev."
  echo "$library"
}

# The package that it is in: its name has the version of the library, which each release has its own of.
nats_package() {
  local library
  library=$(nats_library)
  dpkg-query --search "*/$(basename "$library")" | sed -n 's/:.*//p' | head -n 1
}

make_image() {
  local image="$packages/image" tree="$packages/image/rootfs"
  rm -rf "$image"
  mkdir -p "$tree"/{bin,etc/ssl/certs,dev,proc,sys,tmp}
  chmod 1777 "$tree/tmp"
  install -m 644 "$deploy/image/Dockerfile" "$image"
  install -m 755 "$packages/weir" "$tree/bin/weir"
  # By this name it has statsd_exporter's defaults.
  ln -s weir "$tree/bin/statsd_exporter"
  install -m 644 -t "$tree/etc" "$deploy/image"/{nsswitch.conf,passwd,group}
  # Where libcurl and OpenSSL look for certificate authorities.
  install -m 644 /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs"
  copy_libraries "$tree"
  echo "$image: $(find "$tree" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }') bytes"
}

# copy_libraries TREE: the loader and every library, each under the name by which it is looked for. glibc has the
# look-up of names in files and over DNS in itself; OpenSSL opens no module unless its configuration says so.
# The program opens libcurl and libnats by itself, when they are needed.
copy_libraries() {
  local tree=$1 library curl nats known
  known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
  curl=$(sed -nE 's/.*libcurl\.so\.4 .*=> (.*)/\1/p' <<<"$known" | head -n 1)
  [ -n "$curl" ] || die "There is no libcurl.so.4 here; install libcurl4."
  nats=$(nats_library)
  { printf '  %s (0)\n' "$curl" "$nats" && ldd "$packages/weir" "$curl" "$nats"; } | grep -v ':$' |
    sed -nE 's/.* => (\/[^ ]+) .*/\1/p; s/^[[:space:]]*(\/[^ ]+) .*/\1/p' |
    sort -u | while read -r library; do
      install -D -m 755 "$(readlink -f "$library")" "$tree$library"
      strip --strip-unneeded "$tree$library" 2>/dev/null || true
    done
}

require_package_test_programs() {
  local missing=()
  have curl || missing+=(curl)
  have ip || missing+=(iproute2)
  have python3 || missing+=(python3)
  have systemd-analyze || missing+=(systemd)
  have unshare || missing+=(util-linux)
  have deb-systemd-helper || missing+=(init-system-helpers)
  have adduser || missing+=(adduser)
  have zsh || missing+=(zsh)
  have fish || missing+=(fish)
  have man || missing+=(man-db)
  have groff || missing+=(groff)
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
  as_root unshare --mount --net true ||
    die "Mounts can't be separated here (unshare needs CAP_SYS_ADMIN), so packages can't be tried."
}

# The units are read by systemd itself; the exposure of the service has to stay below 2 of 10.
check_units() {
  local folder="$packages/unit"
  rm -rf "$folder"
  mkdir -p "$folder"
  # The program is not installed, and the manual of the program neither.
  sed -e "s|/usr/bin/weir |$packages/weir |" -e '/^Documentation=/d' "$deploy/systemd/weir.service" \
    >"$folder/weir.service"
  local unit
  for unit in weir.socket weir-web.socket; do
    sed '/^Documentation=/d' "$deploy/systemd/$unit" >"$folder/$unit"
  done
  systemd-analyze verify --man=no "$folder"/weir{.service,.socket,-web.socket} 2>&1 | tee "$folder/log"
  # A setting that systemd does not understand is ignored with a warning.
  ! grep -q "$folder" "$folder/log" || die "systemd does not understand the units in $deploy/systemd."
  systemd-analyze security --offline=yes --threshold=20 --no-pager "$folder/weir.service" | tail -n 1
}

# check_documents DEB: no page leads to a file that the package lacks; and without a page, that is noticed.
check_documents() {
  local folder="$packages/documents"
  rm -rf "$folder"
  dpkg-deb --extract "$1" "$folder"
  "$sources/check-documents" "$folder/usr/share/doc/weir"
  rm "$folder/usr/share/doc/weir/docs/cloudwatch.md.gz"
  ! "$sources/check-documents" "$folder/usr/share/doc/weir" >/dev/null 2>&1 ||
    die "check-documents does not notice that cloudwatch.md is missing."
}

# check_shell_files DEB: the package has the completions and the manual page that its program prints, and bash, zsh,
# fish and man can use them.
check_shell_files() {
  local tree="$packages/shells" share="$packages/shells/usr/share" weir="$packages/weir" found
  rm -rf "$tree"
  dpkg-deb --extract "$1" "$tree"
  cmp <("$weir" completion bash) "$share/bash-completion/completions/weir" &&
    cmp <("$weir" completion zsh) "$share/zsh/vendor-completions/_weir" &&
    cmp <("$weir" completion fish) "$share/fish/vendor_completions.d/weir.fish" &&
    cmp <("$weir" man) <(zcat "$share/man/man1/weir.1.gz") ||
    die "$1 lacks a completion or the manual page as weir prints it."
  found=$(bash --norc -c 'source "$1" && complete -p weir && COMP_WORDS=(weir to) COMP_CWORD=1 && _weir &&
    echo "${COMPREPLY[*]}"' - "$share/bash-completion/completions/weir")
  [ "$found" = $'complete -F _weir weir\ntop' ] || die "bash completes \"weir to\" as \"$found\"."
  zsh -n "$share/zsh/vendor-completions/_weir" || die "zsh can't read its completion."
  # By the first line of the file, as zsh finds it.
  found=$(zsh -f -c 'fpath=("$1" $fpath); autoload -U compinit; compinit -D -u; echo $_comps[weir]' - \
    "$share/zsh/vendor-completions")
  [ "$found" = _weir ] || die "zsh completes weir by \"$found\"."
  fish --no-execute "$share/fish/vendor_completions.d/weir.fish" || die "fish can't read its completion."
  found=$(HOME=$tree fish --no-config -c 'source $argv[1]; complete -C "weir to"' \
    "$share/fish/vendor_completions.d/weir.fish" | cut -f 1)
  [ "$found" = top ] || die "fish completes \"weir to\" as \"$found\"."
  found=$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -E UTF-8 -l "$share/man/man1/weir.1.gz" 2>&1 >"$tree/page")
  [ -z "$found" ] || die "man says of the manual page: $found"
  grep -q '^OPTIONS OF WEIR TOP' "$tree/page" || die "the manual page lacks the options of weir top."
  echo "shells: bash, zsh and fish complete \"weir\", and man shows $(wc -l <"$tree/page") lines without a warning"
}

check_lintian() {
  if ! have lintian; then
    echo "lintian is not installed, and was not run"
    return
  fi
  lintian --fail-on error,warning --tag-display-limit 0 "$1"
  echo "lintian: no errors, no warnings"
}
