# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ARCH    ?= arm64
# Reproducible: no paths, no VCS stamp, no build id. lambda.norpc leaves the old Go runtime's RPC out.
FUNCTION := CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags '-s -w -buildid= -X main.version=$(VERSION)'
FUZZTIME ?= 60s
VENV     := .venv
GOLANGCI := .tools/golangci-lint
GOFUMPT  := .tools/gofumpt

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  \033[1m%-10s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: dist/local/bootstrap bin/collector ## The main job, end to end, on an embedded AWS account and Devo receiver. ARGS='--no-kills --json …'
	@bin/collector run --bootstrap dist/local/bootstrap $(ARGS)

.PHONY: test
test: $(VENV)/.installed ## Every test, with the race detector and a second AWS emulator
	go vet ./...
	go test -race ./...
	go test -race -tags moto -run Moto -count=1 ./cmd/collector

.PHONY: lint
lint: $(GOLANGCI) $(GOFUMPT) ## golangci-lint, gofumpt
	@test -z "$$($(GOFUMPT) -l $$(git ls-files '*.go'))" || { $(GOFUMPT) -d $$(git ls-files '*.go'); exit 1; }
	$(GOLANGCI) run ./...

.PHONY: fmt
fmt: $(GOFUMPT) ## Format the code
	$(GOFUMPT) -w $$(git ls-files '*.go')

.PHONY: build
build: dist/collector/bootstrap dist/local/bootstrap bin/collector ## The function for Lambda and for this machine, and the command

.PHONY: FORCE
dist/collector/bootstrap: FORCE
	GOOS=linux GOARCH=$(ARCH) $(FUNCTION) -o $@ ./lambda/collector

dist/local/bootstrap: FORCE
	@$(FUNCTION) -o $@ ./lambda/collector

bin/collector: FORCE
	@go build -trimpath -buildvcs=false -ldflags '-X main.version=$(VERSION)' -o $@ ./cmd/collector

.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZTIME (60s) each
	@for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$pkg; \
	  done; done

.PHONY: mutants
mutants: ## Break the code on purpose: every mutant must be caught by a test
	@go run ./cmd/mutants

.PHONY: bench
bench: dist/local/bootstrap ## CPU, memory and ratio to the floor for one big object. ARGS='--size 1024 --runs 7'
	@go run ./cmd/bench $(ARGS)

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist $(VENV) .tools

$(GOLANGCI): tools/go.mod
	cd tools && go build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(GOFUMPT): tools/go.mod
	cd tools && go build -o ../$@ mvdan.cc/gofumpt

$(VENV)/.installed: testdata/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
