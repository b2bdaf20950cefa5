# One command each: see it, test it, look at it. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# What the client suites drive.
DEBUG_BINARY := $(TARGET)/debug/syncline

comma := ,

# What a change needs to be compiled again quickly is written for the next change; there is none.
ifeq ($(CI),true)
export CARGO_INCREMENTAL := 0
endif

# Says what comes, does it, and says which step failed and how to repeat it alone.
define step
@printf '\n== %s\n' '$(1)'
@set -o pipefail; $(2) || { printf '\nfailed: %s (again, alone: make %s)\n' '$(1)' '$@'; exit 1; }
endef

.PHONY: help demo test fmt fmt-check compile lint unit unit-postgres explore tidy build clients-python clients-node deny bench bench-expression bench-http bench-syncrepl bench-nodes generate sizes

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build the binary, run the guided tour, keep serving (ARGS="--exit" ends after the tour)
	@xtask/need.sh cargo compiler
	$(call step,building syncline (some minutes the first time),cargo build --release --package syncline)
	@$(TARGET)/release/syncline demo $(ARGS)

test: fmt-check compile lint unit unit-postgres clients-python clients-node deny ## everything that must pass before a change lands
	@skipped="$$(grep -h 'NOT RUN' $(foreach suite,unit-postgres clients-python clients-node deny,$(TARGET)/$(suite).log) || true)"; \
	if [ -n "$$skipped" ]; then printf '\n%s\nall that was run passed\n' "$$skipped"; else printf '\nall passed\n'; fi

fmt: ## format the Rust code
	@xtask/need.sh cargo
	@cargo fmt --all

fmt-check: ## is the Rust code formatted?
	@xtask/need.sh cargo
	$(call step,formatting,cargo fmt --all --check)

# Before the lints: the C libraries, of which the longest comes last, are compiled while others are, and not alone.
compile: ## the Rust tests, without running them
	@xtask/need.sh cargo compiler
	$(call step,compiling the Rust tests,cargo test --workspace --no-run)

lint: ## clippy on everything; warnings are errors
	@xtask/need.sh cargo compiler
	$(call step,lints,cargo clippy --workspace --all-targets -- -D warnings)

# The same random histories in every run: what lands does not depend on luck. `make explore` looks for others.
unit unit-postgres: export PROPTEST_RNG_SEED ?= 20261127

unit: ## all Rust tests, the tidy rules among them
	@xtask/need.sh cargo compiler recipes
	$(call step,Rust tests,cargo test --workspace)

# The tests that open a store, again. Built for the whole workspace, as above: nothing is compiled twice.
ON_POSTGRES := cargo test --workspace $(addprefix --test ,store connector directory runner graph it) && \
  cargo test --workspace --lib --bins -- driver::postgres:: nodes:: && \
  cargo test --workspace --lib -- driver::postgres:: --ignored && \
  cargo test --workspace --test cli -- database doctor:: restore_failures:: && \
  cargo test --workspace --test cli nodes:: -- --include-ignored

unit-postgres: ## the tests that open a store, on a PostgreSQL server of their own
	@xtask/need.sh cargo compiler
	$(call step,the same tests on PostgreSQL,xtask/postgres.sh bash -c '$(ON_POSTGRES)' 2>&1 | tee $(TARGET)/$@.log)

explore: ## other random histories and inputs than `make test` has (CASES=1000)
	@xtask/need.sh cargo compiler
	$(call step,random histories and inputs,env -u PROPTEST_RNG_SEED PROPTEST_CASES=$(or $(CASES),1000) RUST_BACKTRACE=0 cargo test --workspace $(addprefix --test ,runner engine store graph it) -- properties:: patterns:: any_ impact:: totality:: referred:: restriction:: memberships:: delta_follower::)

tidy: ## only the rules of the house (levels, purity, SQL in one place, …)
	@xtask/need.sh cargo
	$(call step,rules of the house,cargo run --quiet --package xtask -- tidy)

# Alone, the binary is all that is built. Behind the Rust tests it is there already: `cargo build` would resolve other features of some
# libraries, and compile these and what needs them again.
BUILD := cargo build --package syncline
test: BUILD := cargo test --workspace --no-run

build: ## the binary that the client suites drive
	@xtask/need.sh cargo compiler
	$(call step,building the binary for the client suites,$(BUILD))

clients-python: build ## the twelve steps with the official Python clients
	$(call step,official Python clients,SYNCLINE_BIN=$(DEBUG_BINARY) clients/python/run.sh $(ARGS) | tee $(TARGET)/$@.log)

clients-node: build ## the twelve steps with the official JavaScript clients
	$(call step,official JavaScript clients,SYNCLINE_BIN=$(DEBUG_BINARY) clients/node/run.sh $(ARGS) | tee $(TARGET)/$@.log)

deny: ## licences, sources and banned libraries, when cargo-deny is there
	$(call step,licences$(comma) sources and banned libraries,xtask/deny.sh | tee $(TARGET)/$@.log)

bench: ## speed and memory of cycles (ARGS="--people 10000,100000")
	@xtask/need.sh cargo compiler
	$(call step,benches,cargo run --release --package syncline-benches -- $(ARGS))

bench-http: ## throughput of the Graph API, with wrk (PEOPLE=300000)
	@xtask/need.sh cargo compiler
	$(call step,building what is measured,cargo build --release --package syncline --package syncline-benches)
	$(call step,the Graph API under load,PEOPLE=$(or $(PEOPLE),300000) ROUNDS=$(or $(ROUNDS),3) WRITE="$(WRITE)" benches/bench-http.sh)

bench-syncrepl: ## the same people replicated by OpenLDAP and by a cycle (PEOPLE=20000)
	@xtask/need.sh cargo compiler
	$(call step,building what is measured,cargo build --release --package syncline-benches)
	$(call step,replication compared,PEOPLE=$(or $(PEOPLE),20000) ROUNDS=$(or $(ROUNDS),1) WRITE="$(WRITE)" benches/compare-syncrepl.sh)

bench-nodes: ## one node and two on one PostgreSQL (PEOPLE=100000)
	@xtask/need.sh cargo compiler
	$(call step,building what is measured,cargo build --release --package syncline-benches)
	$(call step,several nodes,SYNCLINE_POSTGRES_SETTINGS="-c autovacuum=on -c synchronous_commit=on" xtask/postgres.sh $(TARGET)/release/syncline-benches nodes --people $(or $(PEOPLE),100000) $(ARGS))

bench-expression: ## what mappings cost: evaluation per user, compiling, hostile expressions
	@xtask/need.sh cargo compiler
	$(call step,expression bench,cargo bench --quiet --package syncline-engine --bench expression)

generate: ## rewrite the pages that follow from the code
	@xtask/need.sh cargo
	@cargo run --quiet --package xtask -- generate

sizes: ## how large files and functions are
	@xtask/need.sh cargo
	@cargo run --quiet --package xtask -- sizes
