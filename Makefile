# What people do with a clone. `make help` lists it.

UP_ARGS ?=
JOBS ?= $(shell nproc)
PRESET_FILES := CMakeLists.txt CMakePresets.json cmake/room.cmake src/CMakeLists.txt tests/CMakeLists.txt tests/store/CMakeLists.txt

.PHONY: help up build test unit tsan storms e2e fuzz proof mutants headers clean packages engine

help:
	@echo "make up        install what is missing, build, run a three-region network here"
	@echo "make build     build/release/portolan"
	@echo "make test      everything that gates a change (unit, tsan, storms, e2e); at most 25 minutes"
	@echo "make unit      unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make tsan      runtime, where the threads are, under ThreadSanitizer"
	@echo "make storms    50 simulated networks under 35 kinds of faults"
	@echo "make e2e       real processes, real engines, stock SDKs"
	@echo "make mutants   planted bugs that the tests must find"
	@echo "make fuzz      bytes from outside, at random"
	@echo "make headers   every header compiles alone"
	@echo "make proof     every promise at full size, point by point; at most 2 hours"

packages:
	@scripts/install_packages.sh

engine: packages
	@scripts/install_engine.sh

build/%/build.ninja: $(PRESET_FILES)
	@cmake --preset $* -DPORTOLAN_PCH=ON > build/$*.configure.log 2>&1 || { cat build/$*.configure.log; exit 1; }

build: packages
	@mkdir -p build
	@$(MAKE) -s build/release/build.ninja
	@ninja -C build/release -j$(JOBS) portolan

up: build engine
	@exec build/release/portolan up $(UP_ARGS)

unit: packages
	@mkdir -p build
	@$(MAKE) -s build/dev/build.ninja
	@ninja -C build/dev -j$(JOBS)
	@ctest --test-dir build/dev --output-on-failure -j$(JOBS)

tsan: packages
	@mkdir -p build
	@$(MAKE) -s build/tsan/build.ninja
	@ninja -C build/tsan -j$(JOBS) runtime_test
	@build/tsan/src/runtime_test --gtest_brief=1

storms: packages
	@mkdir -p build
	@$(MAKE) -s build/release/build.ninja
	@ninja -C build/release -j$(JOBS) play_network
	@build/release/play_network stormy 1 50

e2e: build engine
	@tests/e2e/run.sh

# Exactly what .ci/run calls.
test: build unit tsan storms e2e

mutants: packages
	@mkdir -p build
	@$(MAKE) -s build/dev/build.ninja
	@ninja -C build/dev -j$(JOBS)
	@tests/e2e/setup.sh
	@tests/mutants/run.sh

headers: packages
	@mkdir -p build
	@$(MAKE) -s build/release/build.ninja
	@ninja -C build/release -j$(JOBS) all_verify_interface_header_sets

FUZZ_SECONDS ?= 60
FUZZ_TARGETS := wire_head_fuzz wire_json_fuzz wire_frame_fuzz wire_sse_fuzz wire_usage_fuzz world_keyring_fuzz

fuzz: packages
	@mkdir -p build
	@$(MAKE) -s build/fuzz/build.ninja
	@ninja -C build/fuzz -j$(JOBS) $(FUZZ_TARGETS)
	@for target in $(FUZZ_TARGETS); do \
	  build/fuzz/tests/$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -print_final_stats=0 \
	    > build/fuzz/$$target.log 2>&1 || { tail -40 build/fuzz/$$target.log; exit 1; }; \
	  echo "$$target: $(FUZZ_SECONDS) s, nothing found"; \
	done

# What a machine cannot do is skipped elsewhere; here it fails.
proof: export PORTOLAN_PROOF = 1
# Everything at full size, at most two hours: each point with command, figures, pass
# or fail. `make proof POINTS="line.4 proof.2"` shows those alone.
POINTS ?=

proof: build engine
	@scripts/install_packages.sh proof || echo "without them the point about containers fails"
	@ninja -C build/release -j$(JOBS) play_network measure_documents fill_keyring
	@$(MAKE) -s build/dev/build.ninja
	@ninja -C build/dev -j$(JOBS)
	@tests/e2e/setup.sh
	@tests/proof/prove.py $(POINTS)

clean:
	rm -rf build
