# The whole workflow in a handful of words; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .build/debug
EXPERIMENT := experiments/lost-commit-ack.json
SEEDS := 1 2 3
PREFIX := /usr/local
GUARD := --explicit-target-dependency-import-check error

# The suites that need no other process and no patience run in parallel. All others start real
# components, which starve one another on a small machine: they run one test at a time.
UNIT := JSON CommandLine Telemetry ChaosModel ChaosPlan ChaosJournal ChaosStatistics ChaosVerdict \
	ChaosReport ChaosGate ChaosGameDay FaultMetric Tidy
EMPTY :=
UNIT_PATTERN := ^($(subst $(EMPTY) $(EMPTY),|,$(strip $(UNIT))))Tests\.

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*##/ { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing (as root or through sudo)
	@.ci/setup

build: setup ## build everything, debug
	swift build $(GUARD)

demo: build ## run the flagship experiment against the bundled shop and leave an HTML report
	@$(BIN)/chaos run $(EXPERIMENT)

test: ## set up, lint, build, and pass every test; logs are in .build/test-logs
	@UNIT='$(UNIT_PATTERN)' .ci/test

unit: setup build-tests ## pass the suites that need only the processor: a minute at most
	swift test --skip-build --filter '$(UNIT_PATTERN)'

build-tests: ## build everything and its tests, debug
	swift build --build-tests $(GUARD)

lab: ## boot Debian's kernel under QEMU, pass the kernel tests there, and renew what they measure
	@.ci/setup --lab
	swift build --build-tests $(GUARD)
	.ci/lab/run -t 3000 -m 3072 -o .build/lab -f $(BIN)/chaosPackageTests.xctest:/lab/tests \
	    -f $(BIN)/runner-host:/lab/runner-host -- \
	    'CHAOS_LAB_OUT=/out /lab/tests --testing-library swift-testing --no-parallel --filter "FaultNetemTests|NetlinkTests|CrashLabTests"'
	cp .build/lab/netem-measured.md docs/
	sed -i -e '/crash table of the lab: written/,/end of the lab/{//!d}' \
	    -e '/crash table of the lab: written/r .build/lab/crash-table-netem.md' docs/safety.md

bench-netem: ## measure a change of netem against executing tc, in the lab, release build
	@.ci/setup --lab
	swift build -c release -Xswiftc -disable-cmo -Xswiftc -enable-testing --build-tests
	.ci/lab/run -t 300 -m 2048 -o .build/lab -f .build/release/chaosPackageTests.xctest:/lab/tests -- \
	    'CHAOS_LAB_OUT=/out /lab/tests --testing-library swift-testing --no-parallel --filter NetemSpeedTests'
	cp .build/lab/netlink-against-tc.md Benchmarks/

nightly: setup build-tests ## run the experiments that take too long for every test run
	CHAOS_NIGHTLY=1 swift test --skip-build --no-parallel --filter ExperimentTests

torture: setup build-tests ## 200 streams through the proxy for a minute while toxics come, change and go
	CHAOS_TORTURE_SECONDS=60 CHAOS_TORTURE_ANSWER_MS=$${CHAOS_TORTURE_ANSWER_MS:-1000} \
		swift test --skip-build --no-parallel --filter TortureTests

lint: ## formatting and naming rules, as CI checks them
	swift format lint --strict --recursive Package.swift Sources Tests plugins

format: ## rewrite the sources in the house style
	swift format --in-place --recursive Package.swift Sources Tests plugins

fuzz: setup build-tests ## feed damaged inputs to every parser for FUZZ_SECONDS (600)
	@.ci/fuzz

bench: setup ## measure the undisturbed shop: 150 orders a second for a minute, release build
	swift build -c release --product chaos -Xswiftc -disable-cmo
	swift build -c release --product shop -Xswiftc -disable-cmo
	.build/release/chaos run Benchmarks/orders-150.json

bench-shop: setup ## measure the shop at 20,000 and 30,000 orders a minute, with replicas, with 10,000 waiting
	swift build -c release --product chaos -Xswiftc -disable-cmo
	swift build -c release --product shop -Xswiftc -disable-cmo
	@Benchmarks/shop/bench .build/release/chaos $(if $(QUICK),--seconds 20,--out Benchmarks/shop.md)

bench-events: setup ## measure the event pipeline alone: 10,000 and 25,000 messages a second, with kills
	swift build -c release --product events-load -Xswiftc -disable-cmo
	swift build -c release --product shop -Xswiftc -disable-cmo
	@Benchmarks/events/bench .build/release/events-load .build/release/shop $(if $(QUICK),--seconds 10) $(if $(FLAT),--flat)

bench-startup: build ## measure how soon commands say something: 100 ms is the aim
	@Benchmarks/startup.sh $(BIN)/chaos

crash-table: setup ## kill everything at every step of every fault, or of those with ROWS in their title, and write docs/safety.md
	swift build --build-tests $(GUARD)
	CHAOS_CRASH_TABLE=$${ROWS:-all} swift test --skip-build --no-parallel --filter CrashTableTests

bench-faults: setup ## measure packets held, partitions changed and clocks moved, and write Benchmarks/faults.md
	swift build --build-tests $(GUARD)
	@Benchmarks/faults/bench

bench-proxy: ## measure the proxy beside HAProxy, nginx and (TOXIPROXY_URL) Toxiproxy; QUICK=1 for a glance
	@.ci/setup --bench
	swift build -c release --product chaos -Xswiftc -disable-cmo
	swift build -c release --product proxy-load -Xswiftc -disable-cmo
	@Benchmarks/proxy/bench $(if $(QUICK),--quick,--out Benchmarks/proxy.md)

install: setup ## build a release and install it: PREFIX (/usr/local), DESTDIR
	.ci/package build
	PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' .ci/package install

package: ## build a .deb and a tarball that need no toolchain, in .build/package/dist
	@.ci/setup --package
	.ci/package build
	.ci/package archives

try-package: package ## install both in a clean Debian root and run an experiment there (as root)
	.ci/package try

bench-report: setup ## measure how long the report of a long run takes, release build
	swift build -c release --product chaos -Xswiftc -disable-cmo
	swift build -c release --product shop -Xswiftc -disable-cmo
	@Benchmarks/report/bench .build/release/chaos

mutants: build ## run every mutant of the shop under its schedule, and the correct shop under all: SEEDS
	@$(BIN)/chaos shop mutants --run --resume $(SEEDS:%=--seed %) --page docs/mutants.md

clean: ## remove what was built
	swift package clean

.PHONY: help setup build demo test lab unit build-tests lint format fuzz bench bench-events bench-netem bench-faults bench-proxy bench-report bench-shop bench-startup crash-table torture nightly install package \
	try-package mutants clean
