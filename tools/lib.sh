# lib.sh - what ./dev and its tools share: package lists, installing, building. Sourced, from the top folder.

PYTHON=/usr/bin/python3 # Debian's: an own python earlier in PATH lacks Debian's pytest

# Exact Debian 12 package names. `package:command` is content with the command from elsewhere, too.
PACKAGES_BUILD="gcc libc6-dev meson ninja-build pkg-config python3 libssl-dev libjansson-dev libyaml-dev \
	libsqlite3-dev libmicrohttpd-dev libcurl4-openssl-dev libcmocka-dev"
PACKAGES_FORMAT="clang-format-14:clang-format-14"
PACKAGES_LINT="clang-tidy-14:clang-tidy-14"
PACKAGES_FUZZ="clang-14 libclang-rt-14-dev"
PACKAGES_MIB="smitools:smilint libsnmp-base npm:npm"
PACKAGES_SYSTEM="python3-pytest snmp snmptrapd curl:curl tftp-hpa:tftp lftp:lftp tshark:tshark $PACKAGES_MIB"
PACKAGES_BENCH="snmpd:snmpd $PACKAGES_SYSTEM"
PACKAGES_CHECK="git:git $PACKAGES_BUILD ccache:ccache $PACKAGES_FORMAT $PACKAGES_FUZZ $PACKAGES_SYSTEM"

MIB_DIR=build/mib/node_modules/net-snmp/lib/mibs # base SMI modules, see mib_modules

has_package() { # PACKAGE[:COMMAND]
	case $1 in
	*:*) command -v "${1#*:}" >/dev/null 2>&1 && return 0 ;;
	esac
	case $(dpkg-query -W -f='${db:Status-Status}' "${1%%:*}" 2>/dev/null) in
	installed) return 0 ;;
	*) return 1 ;;
	esac
}

missing_packages() { # PACKAGE[:COMMAND]...
	for package in "$@"; do
		has_package "$package" || printf '%s ' "${package%%:*}"
	done
}

# Make sure that the packages are there: need "WHY" PACKAGE[:COMMAND]...
need() {
	need_why=$1
	shift
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	sudo=
	if ! command -v apt-get >/dev/null 2>&1; then
		lacks "$need_why" "this is no Debian system (no apt-get)" "$missing"
	elif [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || lacks "$need_why" "you are not root and there is no sudo" "$missing"
		sudo=sudo
	fi
	echo "dev: to $need_why these Debian packages are needed and get installed: $missing" >&2
	apt_log=$(mktemp)
	$sudo apt-get update -q >"$apt_log" 2>&1 || true # stale lists may still do
	# shellcheck disable=SC2086 # a list of words
	if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >>"$apt_log" 2>&1; then
		tail -n 15 "$apt_log" >&2
		rm -f "$apt_log"
		lacks "$need_why" "apt-get install failed (its last lines are above)" "$missing"
	fi
	rm -f "$apt_log"
}

lacks() { # WHY CAUSE PACKAGES
	echo "dev: can't $1: $2." >&2
	echo "dev: install these Debian 12 packages and try again: $3" >&2
	exit 1
}

# Configure once and build: build [TARGET...]
build() {
	[ -f build/build.ninja ] || meson setup build >build.log 2>&1 || {
		cat build.log >&2
		rm -f build.log
		exit 1
	}
	rm -f build.log
	ninja -C build "$@"
}

# Fetch the base SMI modules (SNMPv2-SMI and so on), which Debian main does not have.
mib_modules() {
	[ -f "$MIB_DIR/SNMPv2-SMI.mib" ] && return 0
	mkdir -p build/mib
	cp tools/mib/package.json tools/mib/package-lock.json build/mib/
	(cd build/mib && npm ci --ignore-scripts --no-audit --no-fund)
}
