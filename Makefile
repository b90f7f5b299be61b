# A thin front for meson and ninja.  Two targets matter to a newcomer: make demo, make check.
# BUILD is the release build, BUILD_ASAN the one with ASan and UBSan; make check tests both.
BUILD      ?= build
BUILD_ASAN ?= build-asan
BUILD_TSAN ?= build-tsan
BUILD_FUZZ ?= build-fuzz
PREFIX     ?= /usr/local

.DEFAULT_GOAL := build
.PHONY: deps build demo check bench bench-fleet fuzz soak soak-fleet lint package install clean help

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

deps: ## install what is missing (Debian, apt; sudo when not root)
	@tools/install-deps build

build: deps $(BUILD)/build.ninja ## build/vmmq, build/vmmq-race, build/vmmq-conformance and the libraries
	@tools/timed "build" ninja -C $(BUILD) --quiet
	@ln -sf src/vmmq/vmmq $(BUILD)/vmmq
	@ln -sf src/vmmqd/vmmqd $(BUILD)/vmmqd
	@[ ! -f $(BUILD)/tests/race/vmmq-race ] || ln -sf tests/race/vmmq-race $(BUILD)/vmmq-race
	@[ ! -f $(BUILD)/tests/conformance/vmmq-conformance ] || \
		ln -sf tests/conformance/vmmq-conformance $(BUILD)/vmmq-conformance

$(BUILD)/build.ninja:
	@tools/timed "configure $(BUILD)" meson setup $(BUILD) -Dbuildtype=release

demo: build ## replay a real capture, and explain one of its packets
	@tools/demo $(BUILD)/vmmq

check: ## every test, on the release and the sanitizer build
	@tools/install-deps check
	@tools/check $(BUILD) $(BUILD_ASAN) $(BUILD_TSAN)

bench: build ## figures, each beside what it is compared with
	@tools/install-deps check
	@tools/install-deps bench || echo "the table will say what could not run for it"
	@tools/timed "build the benchmarks" ninja -C $(BUILD) --quiet bench/bench-core bench/bench-engine bench/bench-host \
		bench/bench-growth bench/bench-balance bench/bench-controller bench/bench-sender bench/bench-cpumap
	@bench/run $(BUILD)

bench-fleet: build ## a fleet's store, a relay and HOSTS (500) hosts without switches on this machine: docs/fleet.md
	@tools/install-deps check
	@tools/timed "build the hosts" ninja -C $(BUILD) --quiet bench/bench-fleet-agents
	@bench/fleet/bench_fleet.py --hosts $(or $(HOSTS),500) --vports $(or $(VPORTS),20000) --rate $(or $(RATE),1000) --servers $(or $(SERVERS),relay) $(BUILD)

fuzz: ## every input under libFuzzer, SECONDS each (60), and the lines reached
	@tools/install-deps fuzz
	@tools/fuzz $(BUILD_FUZZ) $(or $(SECONDS),60) $(TARGETS)

soak: build ## guests, changes and faults of all kinds for SECONDS (900); every frame accounted for
	@tools/install-deps check
	@nice tests/soak/soak.py --seconds $(or $(SECONDS),900) $(if $(SEED),--seed $(SEED)) $(BUILD)/vmmqd $(BUILD)/vmmq

soak-fleet: build ## a fleet of which everything is killed in every order while VPorts move MOVES times (1000): docs/fleet.md
	@tools/install-deps check
	@VMMQD=$(BUILD)/src/vmmqd/vmmqd VMMQ=$(BUILD)/src/vmmq/vmmq nice tests/fleet/chaos.py --within 10 --moves $(or $(MOVES),1000) \
		$(if $(SEED),--seed $(SEED))

lint: ## clang-format, clang-tidy, shellcheck
	@tools/install-deps lint
	@tools/lint $(BUILD)

package: ## Debian packages of what is committed, twice, compared, with an SBOM; installed, upgraded, purged: build-package/
	@tools/install-deps package
	@tools/package build-package

install: build ## into PREFIX (/usr/local)
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@ninja -C $(BUILD) --quiet install

clean:
	rm -rf $(BUILD) $(BUILD_ASAN) $(BUILD_TSAN) $(BUILD_FUZZ) build-package
