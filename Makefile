# Every way into the project: `make help` lists them.
#
# Make says what there is to do and in which order; CMake and Ninja build the program, npm the pages.
# No target names a path outside this folder, because make cannot spell a path with a space.
SHELL     := /bin/sh
MAKEFLAGS += --no-print-directory --no-builtin-rules
PRESET    ?= release
JOBS      ?= $(shell nproc)
ARGS      ?=
FUZZ_SECONDS ?= 60

# What tools/bootstrap brought wins over the system's.
export CJV_TOOLCHAIN ?= $(CURDIR)/.toolchain
export PATH := $(CJV_TOOLCHAIN)/bin:$(PATH)
python := "$(CJV_TOOLCHAIN)/python/bin/python"

# Where the home cannot be written (a build account, a container), the caches live here.
ifneq ($(shell test -w "$$HOME" || echo no),)
export CCACHE_DIR       ?= $(CJV_TOOLCHAIN)/ccache
export npm_config_cache ?= $(CJV_TOOLCHAIN)/npm-cache
endif
export npm_config_update_notifier = false

# A compiler from the environment or the command line replaces clang++-19; make's own default does not.
configure_flags = $(if $(filter environment command,$(word 1,$(origin CXX))),-D CMAKE_CXX_COMPILER="$(CXX)")

# What is in the tree is required: a part that is not written yet has no file here, and asks for nothing.
has_ui     := $(wildcard ui/package.json)
has_program := $(wildcard src/cli/main.cpp)
has_e2e     := $(if $(has_program),$(wildcard tests/e2e/*.spec.ts))
has_pytest  := $(if $(has_program),$(wildcard tests/*/test_*.py))

# Two apt at once would wait for one another, and two builds are slower than one after the other.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run demo build test check fmt bench fuzz soak coverage screenshots golden clean \
        bootstrap bootstrap-demo bootstrap-bench bootstrap-lint bootstrap-test bootstrap-soak ui

help:        ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 20
	@echo "  PRESET=dev|release|asan|tsan|coverage chooses the build, JOBS=n how many compilers run at once"

run: build   ## install what is missing, build, serve from ./data
	@echo "make: serving; the data is in ./data, Ctrl-C ends it"
	@exec build/$(PRESET)/cron-job-viewer serve --data-dir data $(ARGS)

demo: bootstrap-demo build   ## a whole Celery installation to try it on: Redis, two workers, a small ERP, the server
	@exec "$(CJV_TOOLCHAIN)/celery-5.7/bin/python" examples/demo/demo.py build/$(PRESET)/cron-job-viewer $(ARGS)

build: bootstrap ui   ## build the program: build/PRESET/cron-job-viewer
	@$(MAKE) program PRESET=$(PRESET)

# The slow tests run under the sanitizers, the others on the very program that `make run` starts.
# docs/decisions/0002 says why these two builds.
test: bootstrap-test ui   ## install what tests need, build, run everything that CI runs
	@$(MAKE) compile PRESET=asan
	@$(MAKE) program PRESET=release
	@$(python) tools/run_tests $(test_suites)
test_suites = --ctest asan $(if $(has_pytest),--pytest) $(if $(has_ui),--ui) $(if $(has_e2e),--e2e)

check: bootstrap-lint ui   ## formatting, floors, clang-tidy on what changed, unit tests: under two minutes
	@tools/check_format
	@tools/check_layers
	@$(MAKE) compile PRESET=dev
	@tools/check_tidy
	@ctest --test-dir build/dev -L unit -j $(JOBS) --output-on-failure --no-tests=error
ifneq ($(has_ui),)
	@tools/check_ui_types
	@cd ui && npm run --silent check && npx --no-install tsc -p ../tests/e2e
endif
	@echo "check: clean"

fmt: bootstrap-lint   ## format the C++ sources
	@git ls-files -z '*.h' '*.cpp' | xargs -0 clang-format-19 -i

bench: bootstrap-bench build   ## build and run the benchmarks: the figures of bench/README.md
	@cmake --build build/$(PRESET) -j $(JOBS) --target bench_programs
	@sh bench/run build/$(PRESET)

fuzz: bootstrap-lint   ## run each fuzz target for FUZZ_SECONDS (60)
	@$(MAKE) fuzz_programs PRESET=fuzz
	@tools/run_fuzz $(FUZZ_SECONDS)

soak: bootstrap-soak ui   ## what takes longer: ThreadSanitizer, more seeds, more kills, all Celery versions
	@$(MAKE) compile PRESET=tsan
	@$(MAKE) program PRESET=release
	@CJV_TEST_SECONDS=20000 CJV_SIM_SEEDS=20000 CJV_CRASH_ROUNDS=100 CJV_BROKER_PAUSE="5 60" CJV_ORACLE_CASES=10000000 CJV_CELERY_VERSIONS="5.7 5.6 5.5 5.4 5.3 5.2" $(python) tools/run_tests --ctest tsan $(if $(has_pytest),--pytest)

coverage: bootstrap-lint   ## unit and simulation tests with line coverage: build/coverage/report.txt
	@$(MAKE) compile PRESET=coverage
	@tools/run_coverage

screenshots: bootstrap-test ui   ## pictures of every page, in both themes and three widths: build/screenshots/
	@$(MAKE) program PRESET=release
	@cd ui && npx --no-install vitest run --config ../tests/e2e/screenshots/vitest.config.mts

golden: ui   ## write the generated files again; look at the diff before you commit it
ifneq ($(has_ui),)
	@cd ui && npm run --silent types
endif

clean:       ## remove what was built; .toolchain and ./data stay
	rm -rf build ui/dist

# ---------------------------------------------------------------------------------------- steps
bootstrap bootstrap-demo bootstrap-bench bootstrap-lint bootstrap-test bootstrap-soak:
	@tools/bootstrap $(or $(patsubst bootstrap-%,%,$(filter-out bootstrap,$@)),build)

# Everything, the program alone (its unit tests double the time that a newcomer waits), or the fuzz targets.
.PHONY: compile program fuzz_programs
compile program fuzz_programs: build/$(PRESET)/build.ninja
	@echo "make: building $(PRESET)"
	@cmake --build build/$(PRESET) -j $(JOBS) $(target_of_$@)
target_of_program = --target cron-job-viewer
target_of_fuzz_programs = --target fuzz_programs
build/$(PRESET)/build.ninja: CMakePresets.json
	@echo "make: configuring build/$(PRESET)"
	@cmake --preset $(PRESET) $(if $(has_ui),-D CJV_UI_DIST="$(CURDIR)/ui/dist") $(configure_flags) > /dev/null
	@touch $@

ui: bootstrap
ifneq ($(has_ui),)
	@$(MAKE) ui/dist/index.html
ui_sources := $(shell find ui -name node_modules -prune -o -path ui/dist -prune -o -type f -print)
ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	@echo "make: installing the packages of ui/package-lock.json"
	@cd ui && npm ci --no-audit --no-fund
	@touch $@
ui/dist/index.html: ui/node_modules/.package-lock.json $(ui_sources)
	@echo "make: building the pages"
	@cd ui && npm run --silent build
	@touch $@
endif
