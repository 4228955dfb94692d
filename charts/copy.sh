#!/usr/bin/env bash
# Copies into the chart what is written elsewhere: Helm reads nothing outside of a chart.
set -euo pipefail
cd "$(dirname "$0")/.."
files=charts/shema/files
rm -rf $files/components $files/crds
cp -R components $files/components
cp -R operator/config/crd $files/crds
cp operator/config/rbac/role.yaml $files/role.yaml
