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
VULN     := .tools/govulncheck

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  \033[1m%-11s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: dist/local/bootstrap dist/local/watch/bootstrap bin/collector ## The main job, end to end, on an embedded AWS account and Devo receiver. ARGS='--no-kills --json …'
	@bin/collector run --bootstrap dist/local/bootstrap $(ARGS)

.PHONY: test
test: test-go test-proxies synth test-infra test-deploy ## Every test

.PHONY: test-go
test-go: $(VENV)/.installed ## The tests of the module, with the race detector and a second AWS emulator
	go vet -tags moto,ministack,proxies ./...
	go vet -tags localstack ./cmd/collector/stack
	go test -race -timeout 40m ./...
	go test -count=1 ./parsers ./parsers/internal/unpack/inflate
	go test -tags inflate_checked -count=1 ./parsers/internal/unpack/inflate
	go test -race -timeout 20m -tags moto -run 'Moto|Oracle' -count=1 ./cmd/collector ./account ./devo ./parsers/internal/unpack/inflate
	go test -tags gate -run Gate -count=1 ./cmd/bench
	cd tools/pictures && go vet ./... && go test ./...

.PHONY: test-proxies
test-proxies: ## What a connection through real haproxy, socat, nginx and stunnel confirms; what is not installed is skipped, in CI it fails
	@for p in haproxy socat nginx stunnel; do PATH="$$PATH:/usr/sbin" command -v $$p >/dev/null || echo "test-proxies: no $$p, skipped (CONTRIBUTING.md has the packages)" >&2; done
	go test -race -tags proxies -run Proxies -count=1 -timeout 5m ./devo

.PHONY: test-qemu
test-qemu: ## The decoder of deflate as on arm64, under qemu; without qemu-user-static it is skipped, in CI it fails
	@if command -v qemu-aarch64-static >/dev/null; then \
	  GOARCH=arm64 CGO_ENABLED=0 go test -exec qemu-aarch64-static -count=1 ./parsers/internal/unpack/inflate; \
	else echo "test-qemu: no qemu-aarch64-static, skipped (CONTRIBUTING.md has the package)" >&2; test "$${CI:-}" != true; fi

.PHONY: test-guard
test-guard: ## Ten of the worst objects of each kind beside good ones, through the real function, at 256 and 1,769 MiB
	go test -tags guard -run Guard -count=1 -timeout 20m ./internal/adversary

.PHONY: lint
lint: $(GOLANGCI) $(GOFUMPT) ## golangci-lint, gofumpt, in both modules
	@test -z "$$($(GOFUMPT) -l $$(git ls-files '*.go'))" || { $(GOFUMPT) -d $$(git ls-files '*.go'); exit 1; }
	$(GOLANGCI) run --build-tags moto,ministack,proxies ./...
	cd infra && ../$(GOLANGCI) run ./...
	cd tools/pictures && ../../$(GOLANGCI) run ./...

.PHONY: fmt
fmt: $(GOFUMPT) ## Format the code
	$(GOFUMPT) -w $$(git ls-files '*.go')

.PHONY: build
build: dist/collector/bootstrap dist/local/bootstrap dist/local/watch/bootstrap bin/collector ## The function for Lambda and for this machine, and the command

.PHONY: FORCE
dist/collector/bootstrap: FORCE
	GOOS=linux GOARCH=$(ARCH) $(FUNCTION) -o $@ ./lambda/collector

dist/local/bootstrap: FORCE
	@$(FUNCTION) -o $@ ./lambda/collector

dist/local/watch/bootstrap: FORCE
	@$(FUNCTION) -o $@ ./lambda/watch

dist/local/empty: FORCE
	@$(FUNCTION) -o $@ ./cmd/bench/empty

bin/collector: FORCE
	@go build -trimpath -buildvcs=false -ldflags '-X main.version=$(VERSION) -X main.revision=$(shell git rev-parse HEAD 2>/dev/null)' -o $@ ./cmd/collector

.PHONY: invoke
invoke: dist/local/bootstrap bin/collector ## One event through the function, on the emulated account: EVENT=events/samples/s3.json
	@bin/collector invoke --bootstrap dist/local/bootstrap $(EVENT) $(ARGS)

# Of the deployment CUSTOMER, from its template in cdk.out: with your AWS credentials, and the deployment's real queues and Devo.
CUSTOMER ?= example
.PHONY: sam-invoke
sam-invoke: ## One event through the deployed package in Lambda's own image: CUSTOMER=acme EVENT=…; needs make synth, docker and sam
	@command -v sam >/dev/null || { echo "sam-invoke needs AWS's sam command: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html; make invoke needs nothing" >&2; exit 1; }
	@docker info >/dev/null 2>&1 || { echo "sam-invoke needs docker, and it is not running, or not here; make invoke needs nothing" >&2; exit 1; }
	@test -f "cdk.out/$(CUSTOMER)-collector.template.json" || { echo "cdk.out has no deployment $(CUSTOMER): make synth writes it, CUSTOMER=NAME picks one" >&2; exit 1; }
	@test -f "$(EVENT)" || { echo "EVENT=events/samples/s3.json says which event" >&2; exit 1; }
	@sam local invoke --template cdk.out/$(CUSTOMER)-collector.template.json --event $(EVENT) \
	  "$$(python3 -c 'import json, sys; print(next(i for i, r in json.load(open(sys.argv[1]))["Resources"].items() if r.get("Properties", {}).get("FunctionName") == sys.argv[2]))' \
	  cdk.out/$(CUSTOMER)-collector.template.json devo-s3-collector-$(CUSTOMER))"

.PHONY: release
release: ## dist/release: zips for arm64 and x86-64, bills of materials, checksums, built twice to be sure. ARGS=-fresh: the second time from nothing
	@go run ./cmd/release -version $(VERSION) $(ARGS)

# What the deployments are of: each architecture that one names.
ARCHITECTURES := $(sort arm64 $(shell sed -nE 's/^architecture: *(arm64|x86_64)\b.*/\1/p' customers/*.y*ml))
BOOTSTRAPS    := $(foreach a,$(ARCHITECTURES),dist/$(a)/collector/bootstrap dist/$(a)/watch/bootstrap)
# jsii speaks of node's age at each start, the CDK of what is new.
CDK           := JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 CDK_DISABLE_CLI_TELEMETRY=true npx cdk

dist/arm64/%/bootstrap: FORCE
	@GOOS=linux GOARCH=arm64 $(FUNCTION) -o $@ ./lambda/$*
	@sha256sum $@ >$@.sha256

dist/x86_64/%/bootstrap: FORCE
	@GOOS=linux GOARCH=amd64 $(FUNCTION) -o $@ ./lambda/$*
	@sha256sum $@ >$@.sha256

dist/infra: FORCE
	@cd infra && go build -o ../$@ .

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund

.PHONY: synth
synth: $(BOOTSTRAPS) dist/infra node_modules/.package-lock.json $(VENV)/.installed ## The templates of all deployments, checked, in cdk.out/. No credentials needed
	@$(CDK) synth -q --strict
	@$(VENV)/bin/cfn-lint -i W3005 -- cdk.out/*.template.json infra/templates/*.yaml

.PHONY: diff
diff: $(BOOTSTRAPS) dist/infra node_modules/.package-lock.json ## What a deployment would change. ARGS="acme-customer --template FILE" compares without credentials
	@$(CDK) diff $(ARGS)

.PHONY: test-infra
test-infra: dist/infra node_modules/.package-lock.json ## The tests of the stacks; ARGS=-update writes their golden files
	@cd infra && go vet ./... && CDK_VALIDATION=false JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 go test ./... $(ARGS)

# This machine, as Lambda calls it.
HERE := $(patsubst aarch64,arm64,$(shell uname -m))

.PHONY: test-deploy
test-deploy: dist/$(HERE)/collector/bootstrap dist/$(HERE)/watch/bootstrap dist/infra node_modules/.package-lock.json $(VENV)/.installed ## The stacks, deployed to an emulated account by `cdk deploy`, at work
	go test -race -timeout 30m -tags ministack -run Deployed -count=1 ./cmd/collector/stack
	go test -race -timeout 10m -tags ministack -count=1 ./account/senders

# A second emulator of deployments, apart: it wants other versions of what .venv has.
MORE := .venv-more

.PHONY: test-more
test-more: test-guard test-qemu dist/arm64/collector/bootstrap dist/arm64/watch/bootstrap dist/infra node_modules/.package-lock.json $(MORE)/.installed ## What takes longer than `make test` should: the worst objects, arm64, a second emulator of deployments
	go test -timeout 30m -tags localstack -run 'Renamed|Plain' -count=1 ./cmd/collector/stack

$(MORE)/.installed: testdata/requirements-more.txt
	python3 -m venv $(MORE)
	$(MORE)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

MINUTES ?= 1
SEED    ?= 1

.PHONY: chaos
chaos: dist/local/bootstrap dist/local/watch/bootstrap ## Whatever can break breaks; nothing is lost. MINUTES=10 SEED=1, ARGS='--messages 50000' or '--lb-answers-itself'
	@go run ./cmd/chaos --minutes $(MINUTES) --seed $(SEED) $(ARGS)

.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZTIME (60s) each
	@for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$pkg; \
	  done; done

.PHONY: mutants
mutants: ## Break the code on purpose: tests must catch every listed mutant, and 92 % of those drawn. ARGS='-random 190 -seed 2 -listed=false'
	@go run ./cmd/mutants $(ARGS)

.PHONY: bench
bench: dist/local/bootstrap dist/local/empty ## CPU, memory and ratio to the floor, small objects, cold start. ARGS='-sizes 1GiB -runs 7', ARGS=estimate
	@go run ./cmd/bench $(ARGS)

.PHONY: plots
plots: ## docs/images of what `make bench` wrote to dist/bench.json; the table in docs/performance.md must be of the same run
	@test -f dist/bench.json || { echo "make bench writes dist/bench.json" >&2; exit 1; }
	@cp dist/bench.json tools/pictures/testdata/bench.json
	@cd tools/pictures && go test -run Plots -count=1 . -update

.PHONY: bench-parsers
bench-parsers: ## Every parser beside its floor: MB/s, allocations. ARGS=-update writes the table in docs/formats.md
	@go test -run '^$$' -bench '^BenchmarkTable$$' -benchtime 1x -timeout 30m ./parsers -args $(ARGS)

.PHONY: memory
memory: ## What objects of 1 and 2 GiB, one and ten at a time, keep resident
	@go test -run '^$$' -bench '^BenchmarkMemory$$' -benchtime 1x -timeout 30m ./parsers

DOCS := .venv-docs

.PHONY: docs
docs: $(DOCS)/.installed ## dist/site: these pages as a site that can be searched; a broken link or anchor is an error
	@rm -rf dist/docs && mkdir -p dist/docs
	@git ls-files -co --exclude-standard -- '*.md' docs customers 'infra/templates/*.yaml' | tar -cf - -T - | tar -xf - -C dist/docs
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --quiet
	@echo "python3 -m http.server --directory dist/site serves it; Mermaid comes from unpkg.com when a page with a diagram is opened"

$(DOCS)/.installed: testdata/requirements-docs.txt
	python3 -m venv $(DOCS)
	$(DOCS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: vuln
vuln: $(VULN) ## Known faults that the binaries reach. Needs vuln.go.dev, or GOVULNDB=URL (file:///… is a local copy)
	@s=0; $(VULN) -db $${GOVULNDB:-https://vuln.go.dev} ./lambda/... ./cmd/collector || s=$$?; \
	  case $$s in 0|3) ;; *) echo "make vuln: nothing was checked: the database could not be asked (GOVULNDB=URL names another)" >&2 ;; esac; exit $$s

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist cdk.out node_modules $(VENV) $(MORE) $(DOCS) .tools

$(GOLANGCI): tools/go.mod
	cd tools && go build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(GOFUMPT): tools/go.mod
	cd tools && go build -o ../$@ mvdan.cc/gofumpt

$(VULN): tools/go.mod
	cd tools && go build -o ../$@ golang.org/x/vuln/cmd/govulncheck

$(VENV)/.installed: testdata/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
