# The only entrance. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
PRESET ?= release
FUZZ_SECONDS ?= 300
CRASH_ROUNDS ?= 1000
RETRY_ROUNDS ?= 500
CRASH_STARTS ?= 4
PRESETS_SANITIZE := asan tsan

.PHONY: help deps deps-dev build run test sanitize fuzz crash-test bench image e2e docs golden format lint layers clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

deps: ## install the Debian packages that building and testing need
	@scripts/deps.sh

deps-dev: ## install what lint, sanitize and fuzz need, too
	@scripts/deps.sh dev

build: deps ## build the release binary, build/release/daybook
	@scripts/build.sh release $(JOBS) daybook

run: build ## build and serve on localhost:8080
	@exec build/release/daybook serve

test: deps ## build and run all tests (PRESET=release, debug, asan or tsan)
	@scripts/build.sh $(PRESET) $(JOBS)
	@ctest --preset $(PRESET) --no-tests=error -j $(JOBS)

sanitize: ## run all tests under ASan and UBSan, then under TSan
	@for preset in $(PRESETS_SANITIZE); do $(MAKE) --no-print-directory test PRESET=$$preset || exit 1; done

fuzz: deps-dev ## fuzz for FUZZ_SECONDS in all, beginning with the kept corpus
	@scripts/build.sh fuzz $(JOBS)
	@scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS)

crash-test: build ## the long form of the crash tests: real kills, and power lost at every operation
	@python3 tests/crash_test.py build/release/daybook $(CRASH_ROUNDS)
	@python3 tests/exactly_once_test.py build/release/daybook $(RETRY_ROUNDS)
	@scripts/build.sh release $(JOBS) unlinearizable
	@python3 tests/linearizability_test.py build/release/daybook build/release/unlinearizable 1000
	@scripts/build.sh release $(JOBS) disk_test
	@DAYBOOK_CRASH_STARTS=$(CRASH_STARTS) build/release/disk_test --gtest_filter='CrashTest.*'

bench: ## measure beside other servers, about 30 minutes (BENCH='--quick' and others: bench/README.md)
	@scripts/deps.sh bench
	@scripts/build.sh release $(JOBS) bench
	@python3 bench/bench.py --build build/release --out build/bench $(BENCH)

image: ## build the container image with docker or podman (IMAGE, IMAGE_ARCHIVE and others: scripts/image.sh)
	@scripts/image.sh

e2e: ## install it on a real Kubernetes, and do to it what happens there (scripts/e2e.sh tells on which)
	@scripts/e2e.sh

docs: deps ## write the pages of docs/ that are made from the program's tables
	@scripts/build.sh release $(JOBS)
	@DAYBOOK_WRITE_DOCS=1 ctest --preset release --no-tests=error -R 'Page\.'
	@DAYBOOK_WRITE_DOCS=1 python3 tests/helm/chart_test.py Documentation

golden: deps ## write the data folder anew that later versions of the format have to read
	@scripts/build.sh release $(JOBS) disk_test
	@DAYBOOK_WRITE_GOLDEN=1 ctest --preset release --no-tests=error -R 'disk/GoldenTest\.'

format: deps-dev ## format the sources
	@git ls-files -z '*.cc' '*.h' | xargs -0 clang-format-14 -i

lint: deps-dev layers ## check format, layers and clang-tidy
	@git ls-files -z '*.cc' '*.h' | xargs -0 clang-format-14 --dry-run -Werror
	@scripts/build.sh tidy $(JOBS)

layers: ## check that includes point down the layers only
	@python3 tests/layers.py src

clean: ## remove what was built
	@rm -rf build
