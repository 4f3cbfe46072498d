#!/usr/bin/env bash
# Installs the real receivers that test/e2e/receivers starts, into .receivers/ (not committed): Datadog's test agent
# from PyPI, and an OpenTelemetry Collector built from the Go module proxy. What cannot be had within its time leaves a
# file `<name>.skipped` with the reason, which the tests show. Never fails.
#   scripts/install-receivers.sh [agent] [collector]     default: both
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$PWD/.receivers
mkdir -p "$target"
collector_version=0.155.0
limit_seconds=${HOTSPAN_TEST_RECEIVER_SECONDS:-600}

skip() {
  echo "skipped: $1: $2"
  echo "$2" >"$target/$1.skipped"
}

# attempt NAME LOG COMMAND…: the command within the time limit, its output in LOG.
attempt() {
  local log=$target/$2.log
  timeout "$limit_seconds" "${@:3}" >"$log" 2>&1 && return 0
  local status=$?
  local last
  last=$(tail -n 1 "$log" | cut -c 1-200)
  if ((status == 124)); then skip "$1" "not done after $limit_seconds s"; else skip "$1" "${last:-exit code $status}"; fi
  return 1
}

install_agent() {
  rm -f "$target/agent.skipped"
  [[ -x $target/agent/bin/ddapm-test-agent ]] && return
  command -v python3 >/dev/null || { skip agent 'python3 is not installed'; return; }
  attempt agent agent-venv python3 -m venv "$target/agent" || return
  attempt agent agent-pip nice -n 19 "$target/agent/bin/pip" install --quiet ddapm-test-agent
}

install_collector() {
  rm -f "$target/collector.skipped"
  [[ -x $target/collector/hotspan-collector ]] && return
  command -v go >/dev/null || { skip collector 'go is not installed'; return; }
  cat >"$target/builder.yaml" <<YAML
dist: { name: hotspan-collector, output_path: $target/collector }
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v$collector_version }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/debugexporter v$collector_version }]
YAML
  # One package at a time: the build shares its machine.
  export GOFLAGS='-p=1 -trimpath' GOBIN=$target/bin CGO_ENABLED=0
  attempt collector builder nice -n 19 go install "go.opentelemetry.io/collector/cmd/builder@v$collector_version" || return
  attempt collector collector-build nice -n 19 "$target/bin/builder" --config "$target/builder.yaml"
}

for what in "${@:-agent collector}"; do
  for each in $what; do
    case $each in
      agent) install_agent ;;
      collector) install_collector ;;
      *) echo "unknown receiver $each"; exit 2 ;;
    esac
  done
done
exit 0
