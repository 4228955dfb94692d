#!/usr/bin/env bash
# Stands in for docker, kind, kubectl and helm, whichever name it is called by: writes each call down in $STATE/calls, keeps
# in $STATE what was made, and refuses what the real programs refuse. $FAIL is the beginning of a call that fails.
set -euo pipefail

call="${0##*/} $*"
echo "$call" >>"$STATE/calls"

refuse() {
	echo "$1" >&2
	exit 1
}

if [[ -n ${FAIL:-} && $call == "$FAIL"* ]]; then
	refuse "$FAIL failed"
fi

# option NAME prints what follows it on the command line.
option() {
	[[ "$call " =~ \ $1\ ([^ ]+)\  ]] || refuse "no $1 in: $call"
	echo "${BASH_REMATCH[1]}"
}

file() { [[ -f $1 ]] || refuse "no such file: $1"; }

case $call in
"docker info") ;;
"docker inspect -f {{.State.Running}} "*)
	[[ -e $STATE/registry ]] || refuse "No such object"
	cat "$STATE/registry"
	;;
"docker inspect -f {{json .NetworkSettings.Networks.kind}} "*)
	if [[ -e $STATE/connected ]]; then echo '{"NetworkID": "1"}'; else echo null; fi
	;;
"docker run "*)
	[[ ! -e $STATE/registry ]] || refuse "the container name is in use"
	echo true >"$STATE/registry"
	;;
"docker rm -f "*) rm -f "$STATE/registry" "$STATE/connected" ;;
"docker exec "*" mkdir -p "*) ;;
"docker exec -i "*" cp /dev/stdin "*) cat >"$STATE/hosts.toml" ;;
"docker network connect kind "*)
	[[ ! -e $STATE/connected ]] || refuse "endpoint exists already"
	touch "$STATE/connected"
	;;

"kind get clusters") ls "$STATE/clusters" ;;
"kind create cluster "*)
	config=$(option --config)
	file "$config"
	cluster=$STATE/clusters/$(awk '$1 == "name:" {print $2; exit}' "$config")
	[[ ! -e $cluster ]] || refuse "node(s) already exist for a cluster with that name"
	touch "$cluster"
	;;
"kind get nodes "*) echo "$(option --name)-control-plane" ;;
"kind delete cluster "*) rm -f "$STATE/clusters/$(option --name)" ;;

"kubectl "*" apply -f -") cat >"$STATE/applied" ;;
"kubectl "*" apply -f "*) file "$(option -f)" ;;
"helm upgrade --install "*)
	if [[ $call == *--values* ]]; then file "$(option --values)"; fi
	echo "$(option --install) $(option --version)" >>"$STATE/charts"
	;;
*) refuse "the stand-in does not know: $call" ;;
esac
