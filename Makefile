# The commands of the house. `make help` lists them; each is one line that also works without make.
GO ?= go
# Of the fuzz targets: which one, how long a target, how many processes, and the time to make one input smaller.
TARGET ?=
TIME ?= 20s
PARALLEL ?= 2
MINIMIZE ?= 20s
# A fuzz cache, and the packages by whose statements an input counts as new.
CORPUS ?=
REACHED = ./reference/...,./conformance/oracle,github.com/klauspost/compress/zstd,compress/flate,encoding/json,encoding/base64,google.golang.org/protobuf/encoding/protowire

.PHONY: help conform test race long lint check vectors matrix bench fuzz fuzz-long fuzz-coverage fuzz-corpus go-fuzz ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

conform: ## run every battery of the conformance suite on the embedded defaults
	$(GO) run ./tools/teleport conform

test: ## the unit tests, as the README says
	$(GO) test ./...

race: ## the unit tests under the race detector, three times
	$(GO) test -race -count=3 ./...

long: ## the unit tests with the long ones turned on
	TELEPORT_LONG=1 $(GO) test ./...

lint: ## gofmt, go vet and staticcheck with staticcheck.conf
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'gofmt would change the files above: run gofmt -w on them'; exit 1; }
	$(GO) vet ./...
	$(GO) tool -modfile=tools/lint/go.mod staticcheck ./...

check: ## requirements, vectors and cases agree with each other
	$(GO) run ./tools/teleport spec check
	$(GO) run ./tools/teleport vectors check

vectors: ## write the golden vectors anew from their builders
	$(GO) run ./tools/teleport vectors gen

matrix: ## write the appendix requirement x (vectors, cases, code) anew
	$(GO) run ./tools/teleport spec matrix --write

bench: ## peer and socket against the floors, in half a minute; the full tables: go run ./perf --help
	$(GO) run ./perf --quick

fuzz: ## go test -fuzz: each target, or TARGET=DecodeFast alone, for TIME=20s, or as many inputs as TIME=20000x
	@list="$(TARGET)"; [ -n "$$list" ] || list=$$($(GO) run ./tools/teleport fuzz list) || exit 1; failed=; \
	for t in $$(echo "$$list" | cut -f1); do \
		echo "== Fuzz$$t for $(TIME)"; \
		$(GO) test -run '^$$' -fuzz "^Fuzz$$t$$" -fuzztime $(TIME) -parallel $(PARALLEL) -fuzzminimizetime $(MINIMIZE) ./fuzz || failed="$$failed Fuzz$$t"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

fuzz-long: ## the nightly run, for hours: laws 10,000 times, coverage, each target for TIME=30m, then teleport fuzz for 2h, or TIME
	TELEPORT_LONG=1 TELEPORT_NIGHTLY=1 $(GO) test -count=1 -timeout 0 ./fuzz/...
	$(MAKE) fuzz-coverage
	$(MAKE) fuzz TIME=$(if $(filter command line,$(origin TIME)),$(TIME),30m) TARGET=$(TARGET) PARALLEL=$(PARALLEL) MINIMIZE=60s
	$(GO) run ./tools/teleport fuzz --time $(if $(filter command line,$(origin TIME)),$(TIME),2h) --out bin/fuzz-long

fuzz-coverage: ## how much of each decoder room the seeds and the corpus reach, and those of CORPUS=folder
	$(GO) run ./fuzz/coverage $(CORPUS)

fuzz-corpus: ## add to fuzz/testdata/fuzz what of CORPUS=folder, a fuzz cache, reaches statements that nothing there does
	@test -n "$(CORPUS)" || { echo 'which folder? make fuzz-corpus CORPUS="$$(go env GOCACHE)/fuzz/$$(go list ./fuzz)"'; exit 2; }
	$(GO) test -c -covermode=atomic -coverpkg=$(REACHED) -o bin/corpus.test ./fuzz
	@list="$(TARGET)"; [ -n "$$list" ] || list=$$($(GO) run ./tools/teleport fuzz list) || exit 1; \
	cd fuzz && for t in $$(echo "$$list" | cut -f1); do \
		TELEPORT_CORPUS="$(abspath $(CORPUS))" ../bin/corpus.test -test.v -test.timeout 0 -test.run "^TestCorpus_Grow$$/^$$t$$" || exit 1; \
	done

go-fuzz: ## github.com/dvyukov/go-fuzz on TARGET=DecodeFast, or TARGET=all, for TIME=20s; corpora and crashers stay in bin/go-fuzz
	@bash fuzz/gofuzz/run "$(or $(TARGET),DecodeFast)" "$(TIME)" "$(PARALLEL)"

ci: ## everything that continuous integration runs
	bash .ci/run
