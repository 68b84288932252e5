# The commands of the house. `make help` lists them; each is one line that also works without make.
GO ?= go

.PHONY: help conform test race long lint check vectors matrix bench ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

bench: ## allocations and time of the fast/1 encoder and decoder
	$(GO) test -run '^$$' -bench . -benchmem ./reference/proto/fast ./reference/socket

ci: ## everything that continuous integration runs
	bash .ci/run
