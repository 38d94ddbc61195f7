# Everything a person or a CI machine does with this repository. `make help` lists it.
# Rules: every target works on a fresh clone; scripts/setup installs what is missing; nothing is built twice, except the examples.
# They are a package of their own, like an application, so they can use only the products.

SWIFT ?= swift
RELEASE := .build/release
# Where install puts files; for packages DESTDIR is put before every path.
export PREFIX ?= /usr/local
export DESTDIR SYSCONFDIR UNITDIR USERUNITDIR
export PLUGBOARD ?= $(CURDIR)/$(RELEASE)/plugboard

.PHONY: help setup check build router run install uninstall deb dist vectors test-package test test-unit test-bench test-conformance test-hardware test-clients test-api examples test-page sanitize sanitize-address sanitize-thread sanitize-quick sanitize-quick-thread sanitize-quick-address fuzz docs counts bench bench-quick lint format clean

help:  ## 1 s: Lists the targets, with the time that each takes the first time on two cores
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## ([^:]*): /\t\1\t/' | expand -t 16,26

setup:  ## 1 s: Installs what is missing (or prints the one line to run)
	@scripts/setup

check: setup  ## 1 min: What was edited, before a commit: format, debug build, tidy tests, tests of the changed modules (5 min the first time)
	@scripts/check $(BASE)

build: setup  ## 4 min: Builds the release programs
	@scripts/write-commit
	$(SWIFT) build -c release

router: setup
	@scripts/write-commit
	$(SWIFT) build -c release --product plugboard

run: router  ## 4 min: Builds and starts the router with simulated devices on ws://127.0.0.1:12345
	exec $(RELEASE)/plugboard serve --config config/quickstart.toml

install:  ## 1 s: Installs plugboard below PREFIX (default /usr/local; sudo make install), building it first if need be
	@test -x $(RELEASE)/plugboard || $(MAKE) --no-print-directory router
	@scripts/install

uninstall:  ## 1 s: Removes what install has put there, but for the configuration
	@scripts/install --remove

deb:  ## minutes: A Debian package of the program, in .build/package
	@scripts/setup --package
	@test -x $(RELEASE)/plugboard || $(MAKE) --no-print-directory router
	@scripts/deb

dist:  ## minutes: An archive with the program, its man pages, completions, units and licences, in .build/package
	@test -x $(RELEASE)/plugboard || $(MAKE) --no-print-directory router
	@scripts/dist

test-package: deb dist  ## minutes: Installs, starts and removes both in bare systems (needs root, and a mirror the first time)
	Tests/Package/run

test: test-unit test-bench test-conformance  ## 10 min: Unit tests, arbitration cases, simulation seeds, black-box scripts over real sockets

test-unit: setup
	@scripts/setup --unit
	$(SWIFT) test

# The quick run has the tests of what uses threads and of what reads memory through pointers. The simulation is one thread.
THREADS := UVTests PlatformTests UVHostTests ButtplugClientTests ButtplugServerTests
POINTERS := HostTests UVTests WebSocketTests TLSTests HTTPTests ButtplugTests RouterTests UVHostTests
# The Swift runtime keeps memory that looks lost.
export ASAN_OPTIONS = detect_leaks=0
SANITIZE = $(SWIFT) test
SANITIZE_THREAD = --sanitize=thread -Xswiftc -DTHREAD_SANITIZER

sanitize: sanitize-address sanitize-thread  ## some 20 min: All unit tests under AddressSanitizer and ThreadSanitizer

sanitize-address: setup
	$(SANITIZE) --sanitize=address --scratch-path .build/sanitize-address

sanitize-thread: setup
	$(SANITIZE) $(SANITIZE_THREAD) --scratch-path .build/sanitize-thread

sanitize-quick: sanitize-quick-thread sanitize-quick-address  ## 5 min: The tests of threads under ThreadSanitizer, those of pointers under AddressSanitizer

sanitize-quick-thread: setup
	PLUGBOARD_TESTS="$(THREADS)" $(SANITIZE) $(SANITIZE_THREAD) --scratch-path .build/sanitize-quick-thread

sanitize-quick-address: setup
	PLUGBOARD_TESTS="$(POINTERS)" $(SANITIZE) --sanitize=address --scratch-path .build/sanitize-quick-address

vectors: setup  ## 1 min: Plays sequences of bytes of devices from a file: make vectors FILE=cases.jsonl
	@test -r "$(FILE)" || { echo "vectors: say which file: make vectors FILE=cases.jsonl"; exit 2; }
	@PLUGBOARD_VECTORS="$(abspath $(FILE))" $(SWIFT) test --filter VectorTests 2>&1 | grep -E "^(FAILED|differs on purpose|[0-9]+ passed|error)"

test-bench:
	benchmarks/tests/run

test-conformance: build
	@scripts/setup --conformance
	Tests/Conformance/run

test-page: build  ## minutes: The dashboard in a real browser, against a scripted router and a real one
	@scripts/setup --page
	Tests/Page/run

test-hardware: build  ## 12 min: Devices that do not exist: twenty returns of each, and ten minutes at full rate
	Tests/Hardware/endurance.py returns
	Tests/Hardware/endurance.py load

test-api: build  ## 1 min: The admin interface against its own OpenAPI document, by made-up requests, right and wrong ones
	Tests/API/run

examples: build  ## minutes: The guide's examples, the story in a browser, and whether the guide's pages say what they print
	@scripts/setup --examples
	Examples/run

fuzz:  ## 15 min: Every reader of foreign bytes under libFuzzer, each for FUZZ_TIME seconds (60), FUZZ_JOBS at once (one per processor)
	@scripts/setup --fuzz
	Fuzz/run

docs: setup  ## minutes: The library products' documentation; a warning is an error
	$(SWIFT) build
	scripts/docs

test-clients: build  ## minutes: Client libraries that other people wrote, alone and all at once, through a router in front, and with devices of every kind
	@scripts/setup --clients
	Tests/Clients/run
	Tests/Clients/run --fronted
	Tests/Clients/evening

counts:  ## 3 min: Instructions and allocations per message of the dispatch path, against benchmarks/thresholds
	@scripts/setup --bench
	benchmarks/count --check

bench:  ## 15 min: Plugboard and its peers in turns: benchmarks/RESULTS.md (let nothing else run meanwhile)
	@scripts/setup --bench
	benchmarks/run

bench-quick:  ## 1 min: The same in short, to see that it works; its figures, in .build/bench, are worth nothing
	@scripts/setup --bench
	benchmarks/run --quick --no-nio

lint:  ## 15 s: Checks the format
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Examples/Package.swift Examples/Sources Fuzz/Package.swift Fuzz/Sources benchmarks/Package.swift benchmarks/Sources benchmarks/peers/nio/Package.swift benchmarks/peers/nio/Sources

format:  ## 15 s: Formats every Swift file
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Examples/Package.swift Examples/Sources Fuzz/Package.swift Fuzz/Sources benchmarks/Package.swift benchmarks/Sources benchmarks/peers/nio/Package.swift benchmarks/peers/nio/Sources

clean:  ## 1 s: Removes everything built
	rm -rf .build
