SHELL := /bin/bash
.DEFAULT_GOAL := help

# The same for every build, so that what one target compiled the others find in the cache. The race detector alone is C.
RACE ?=
export CGO_ENABLED := $(if $(RACE),1,0)
RACE_FLAG := $(if $(RACE),-race)
# What tests wait for without saying how long: Gomega's second is too short for a machine that has much else to do.
export GOMEGA_DEFAULT_EVENTUALLY_TIMEOUT ?= 30s

SHEMA := $(CURDIR)/.local/bin/shema
GOLANGCI_LINT := $(HOME)/.cache/shema/golangci-lint-v2.15.0/golangci-lint
HELM := $(HOME)/.cache/shema/helm-v4.3.1/helm
KUBECONFORM := $(HOME)/.cache/shema/kubeconform-v0.8.0/kubeconform
KUBE_SCORE := $(HOME)/.cache/shema/kube-score-v1.20.0/kube-score
GOVULNCHECK := $(HOME)/.cache/shema/govulncheck-v1.9.0/govulncheck
HELM_DOCS := $(HOME)/.cache/shema/helm-docs-v1.14.2/helm-docs
BIN ?= .local/bin
MODULES := services operator local test web
# Generated files are somewhere below these.
GENERATED := services operator components charts tilt web/dist

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: shema ## Start the platform on this machine, apply the sample catalogue, wait until all is ready; REPLICAS=2 runs two of each service
	@$(SHEMA) up

.PHONY: down
down: shema ## Stop the platform, keep its data
	@$(SHEMA) down

.PHONY: clean
clean: shema ## Stop the platform, delete its data
	@$(SHEMA) clean

.PHONY: status
status: shema ## List the running programs
	@$(SHEMA) status

.PHONY: logs
logs: shema ## Follow a log: make logs APP=booking
	@$(SHEMA) logs $(APP)

.PHONY: demo
demo: shema ## Play a student's and an admin's story against the running platform
	@go run ./test/demo

.PHONY: test
test: test-services test-operator test-local test-web test-website test-suites test-platform test-replicas test-security-short test-drill test-failover test-faults-short ## Run every test, on real parts

.PHONY: test-services
test-services: shema
	$(SHEMA) postgres -- go test -C services $(RACE_FLAG) ./...

.PHONY: test-operator
test-operator: shema
	$(SHEMA) postgres -- $(SHEMA) envtest -- go test -C operator $(RACE_FLAG) ./...

.PHONY: test-local
test-local: shema
	$(SHEMA) postgres -- go test -C local $(RACE_FLAG) ./...

# Installs Debian's Chromium if there is none. Pictures of all pages are in web/artefacts afterwards.
.PHONY: test-web
test-web: go
	@web/chromium.sh
	go test -C web -timeout 20m $(RACE_FLAG) ./...

# The story in a browser on the platform itself, and the client package's tests. With two of each service: make test-website REPLICAS=2.
.PHONY: test-website
test-website: shema
	@web/chromium.sh
	$(SHEMA) platform -- go test -C web -count=1 -tags platform -run TestPlatform ./browser

.PHONY: web
web: go ## Bundle the website anew from its sources
	go generate -C web .

.PHONY: web-dev
web-dev: go ## Bundle the website whenever a source is saved; a platform started with DIST_DIR=$$PWD/web/dist make up shows it at once
	@go run ./web/bundle -root web -watch

.PHONY: web-check
web-check: ## Check the website's types, style and generated client (needs Node)
	npm --prefix web ci --no-audit --no-fund --silent
	npm --prefix web run --silent check
	npm --prefix web run --silent client

.PHONY: screenshots
screenshots: go ## Take the pictures of the README
	@web/chromium.sh
	SCREENSHOTS=$(CURDIR)/docs/images go test -C web -count=1 -run TestScreenshots ./browser

# What the suites themselves are made of.
.PHONY: test-suites
test-suites: go
	go test -C test $(RACE_FLAG) ./internal/... ./bench/... ./soak/... ./document/...

.PHONY: test-race
test-race: ## Run the tests of all packages under the race detector
	@$(MAKE) --no-print-directory RACE=1 test-services test-operator test-local test-web test-suites

.PHONY: test-fuzz
test-fuzz: go ## Fuzz every target for ten seconds, or for FUZZ_TIME
	@local/fuzz.sh $(MODULES)

.PHONY: test-platform
test-platform: shema
	go test -C test -timeout 30m ./platform $(PLATFORM_FLAGS)

# With two of each service, the specs that could tell the difference. All of them: make test-platform REPLICAS=2.
.PHONY: test-replicas
test-replicas: shema
	REPLICAS=2 go test -C test -timeout 30m ./platform -ginkgo.label-filter=replicas $(PLATFORM_FLAGS)

.PHONY: test-drill
test-drill: shema ## Restore a backup into a new platform, follow a request through all programs, take each migration back
	go test -C test -count=1 -timeout 20m ./drill

.PHONY: test-failover
test-failover: shema ## Lose the Postgres and the Redis that lead while people use the platform
	go test -C test -count=1 -timeout 15m ./failover $(FAILOVER_FLAGS)

.PHONY: test-faults
test-faults: shema ## Break a platform with two of each service while people use it, for ten minutes or FAULTS_FOR
	go test -C test -count=1 -v -timeout 45m ./faults -for $(or $(FAULTS_FOR),10m)

.PHONY: test-faults-short
test-faults-short: shema
	go test -C test -count=1 -timeout 15m ./faults -for 90s

.PHONY: test-security
test-security: shema ## Attack a platform, then fuzz every target for a minute, or for FUZZ_TIME
	$(MAKE) --no-print-directory test-security-short
	FUZZ_TIME=$(or $(FUZZ_TIME),1m) local/fuzz.sh $(MODULES)

.PHONY: test-security-short
test-security-short: shema
	go test -C test -count=1 -timeout 30m ./security $(SECURITY_FLAGS)

# -v lets progress through. Flags such as -ginkgo.focus=story go into E2E_FLAGS.
.PHONY: e2e
e2e: go ## Run the end-to-end suite on the cluster that KUBECONFIG names; it installs the charts if they aren't
	@go test -C test -v -count=1 -timeout 90m ./e2e $(E2E_FLAGS)

.PHONY: cluster
cluster: ## Make a Kubernetes cluster with kind, with all that the platform needs, for tilt up
	@k8s/cluster.sh up

.PHONY: cluster-down
cluster-down: ## Delete that cluster and its registry
	@k8s/cluster.sh down

.PHONY: plugin
plugin: go ## Build the kubectl plugin "kubectl shema": make plugin BIN=~/bin
	@go build -C operator -ldflags "-s -w" -o "$(abspath $(BIN))/kubectl-shema" ./cmd/kubectl-shema
	@echo "built $(abspath $(BIN))/kubectl-shema; kubectl finds it when that folder is on the PATH"

.PHONY: bench
bench: shema ## Measure speed and memory, print ratios, keep them in .local/bench; PARTS="chat" measures that alone (scale only so), AGAINST=file compares
	@go run ./test/bench $(if $(AGAINST),-against $(AGAINST)) $(PARTS)

.PHONY: soak
soak: shema ## Use a platform with two of each service for 20 minutes, or for SOAK_FOR; fail if something grows, plot it in .local/soak
	@go run ./test/soak $(if $(SOAK_FOR),-for $(SOAK_FOR))

.PHONY: images
images: go ## Build all images and push them: make images KO_DOCKER_REPO=registry.example/school TAG=1.0.0
	@charts/images.sh

.PHONY: test-images
test-images: go ## Build programs twice, from two folders, with the settings of their images, and compare them
	go test -C test -count=1 -v -timeout 30m ./images

.PHONY: chart
chart: shema $(HELM) $(KUBECONFORM) $(KUBE_SCORE) $(HELM_DOCS) ## Check the Helm charts against a real API server
	HELM=$(HELM) KUBECONFORM=$(KUBECONFORM) KUBE_SCORE=$(KUBE_SCORE) HELM_DOCS=$(HELM_DOCS) $(SHEMA) envtest -- go test -C test -count=1 ./chart/...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters
	@for module in $(MODULES); do echo "lint $$module"; (cd $$module && $(GOLANGCI_LINT) run --allow-parallel-runners ./...) || failed=1; done; test -z "$$failed"
	@test/document/tools.sh lint

.PHONY: vuln
vuln: $(GOVULNCHECK) ## Look for known vulnerabilities in what the code calls
	@GOVULNCHECK=$(GOVULNCHECK) local/vuln.sh $(MODULES)

.PHONY: generate
generate: $(HELM_DOCS) ## Make all generated files
	go generate -C services ./...
	go generate -C operator ./...
	go generate -C web .
	charts/copy.sh
	$(HELM_DOCS) --chart-search-root charts --log-level error

.PHONY: verify
verify: modules ## Fail if generated files are not up to date, or a module does not build by itself
	@local/verify.sh $(GENERATED)

.PHONY: modules
modules: go
	@local/modules.sh $(MODULES)

.PHONY: go
go:
	@go version >/dev/null || { echo "Go 1.26.5 or newer is needed: install it from https://go.dev/dl" >&2; exit 1; }

.PHONY: shema
shema: go
	@go build -buildvcs=false -o $(SHEMA) ./local/cmd/shema

$(GOLANGCI_LINT): | go
	@echo "building golangci-lint; this is done once and takes some minutes"
	@GOWORK=off GOBIN=$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

$(HELM): | go
	@echo "building Helm; this is done once and takes some minutes"
	@GOWORK=off GOBIN=$(@D) go install helm.sh/helm/v4/cmd/helm@v4.3.1

$(KUBECONFORM): | go
	@GOWORK=off GOBIN=$(@D) go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0

$(KUBE_SCORE): | go
	@GOWORK=off GOBIN=$(@D) go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0

$(GOVULNCHECK): | go
	@GOWORK=off GOBIN=$(@D) go install golang.org/x/vuln/cmd/govulncheck@v1.9.0

$(HELM_DOCS): | go
	@GOWORK=off GOBIN=$(@D) go install github.com/norwoodj/helm-docs/cmd/helm-docs@v1.14.2
