# What a newcomer types. `make help` lists it.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# One target folder for everything; the benchmarks and the product share the release build.
CARGO ?= cargo
export CARGO_TERM_COLOR ?= auto
# Where the tests find Django and filelock.
export DABIR_TEST_PYTHON ?= $(CURDIR)/.cache/venv/bin/python

# A room starts a fifth faster when nothing has to be linked at its start.
STATIC := -C target-feature=+crt-static

.PHONY: help run build web test lint bench

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build what is needed and start Dabir; it prints the link to open
	exec target/release/dabir serve

build: web ## Build the three executables into target/release
	$(CARGO) build --release --quiet --bin dabir --bin dabir-extract
	$(CARGO) rustc --release --quiet --package dabir-room --bin dabir-room -- $(STATIC)

web: web/dist/.stamp ## Build the pages that the executables carry

# Only what changed is built: new pages mean a new executable.
web/dist/.stamp: web/node_modules/.stamp $(shell find web -name node_modules -prune -o -name dist -prune -o -type f -print)
	@npm run --prefix web --silent build
	@touch $@

web/node_modules/.stamp: web/package-lock.json
	npm ci --prefix web --no-audit --no-fund --silent
	@touch $@

test: web ## Install what the tests need and run every test
	tools/setup-tests
	npm test --prefix web --silent
	$(CARGO) nextest run --workspace --no-run # the executables too: apart, most libraries would be built twice
	sync # what the build wrote is not to stand before what the tests write
	$(CARGO) nextest run --workspace
	npm test --prefix e2e --silent
	npm run --prefix web --silent test:browser

lint: web ## Check format, lints, licences and advisories
	tools/setup-tests lint
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings
	$(CARGO) deny --all-features check --hide-inclusion-graph bans licenses sources
	@if $(CARGO) deny fetch db 2>/dev/null; then $(CARGO) deny check --disable-fetch advisories; \
	else echo "advisories were not checked: their database is out of reach"; fi
	npm run --prefix web --silent lint

bench: web ## Measure beside the peers and write docs/benchmarks.md
	tools/setup-tests
	bench/run
