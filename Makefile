# Everything a person or a CI machine does with this repository. `make help` lists it.
# Rules: every target works on a fresh clone; what is missing is installed by scripts/setup; nothing is built twice, but for the examples:
# they are a package of their own, as an application is, that sees the products and nothing else.

SWIFT ?= swift
RELEASE := .build/release
# Where install puts things; DESTDIR goes before every path, for packages.
export PREFIX ?= /usr/local
export DESTDIR SYSCONFDIR UNITDIR USERUNITDIR
export PLUGBOARD ?= $(CURDIR)/$(RELEASE)/plugboard

.PHONY: help setup build router run install uninstall deb dist test-package test test-unit test-bench test-conformance test-clients examples test-page sanitize docs counts bench bench-quick lint format clean

help:  ## Lists the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 20

setup:  ## Installs what is missing (or prints the one line to run)
	@scripts/setup

build: setup  ## Builds the release programs
	@scripts/write-commit
	$(SWIFT) build -c release

router: setup
	@scripts/write-commit
	$(SWIFT) build -c release --product plugboard

run: router  ## Builds and starts the router with simulated devices on ws://127.0.0.1:12345
	exec $(RELEASE)/plugboard serve --config config/quickstart.toml

install:  ## Installs plugboard below PREFIX (default /usr/local; sudo make install), building it first if need be
	@test -x $(RELEASE)/plugboard || $(MAKE) --no-print-directory router
	@scripts/install

uninstall:  ## Removes what install has put there, but for the configuration
	@scripts/install --remove

deb:  ## A Debian package of the program, in .build/package
	@scripts/setup --package
	@test -x $(RELEASE)/plugboard || $(MAKE) --no-print-directory router
	@scripts/deb

dist:  ## An archive with the program, its man pages, completions, units and licences, in .build/package
	@test -x $(RELEASE)/plugboard || $(MAKE) --no-print-directory router
	@scripts/dist

test-package: deb dist  ## Installs, starts and removes both in bare systems (needs root, and a mirror the first time)
	Tests/Package/run

test: test-unit test-bench test-conformance  ## Unit tests, arbitration cases, simulation seeds, black-box scripts over real sockets

test-unit: setup
	$(SWIFT) test

sanitize: setup  ## The unit tests under AddressSanitizer and ThreadSanitizer (some 20 minutes; nothing is shared with other builds)
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address --scratch-path .build/sanitize-address
	$(SWIFT) test --sanitize=thread --scratch-path .build/sanitize-thread

test-bench:
	benchmarks/tests/run

test-conformance: build
	Tests/Conformance/run

test-page: build  ## The dashboard in a real browser, against a scripted router and a real one
	@scripts/setup --page
	Tests/Page/run

examples: build  ## The guide's examples, the story in a browser, and whether the guide's pages say what they print
	@scripts/setup --examples
	Examples/run

docs: setup  ## The library products' documentation; a warning is an error
	$(SWIFT) build
	scripts/docs

test-clients: build  ## Client libraries that other people wrote, alone and all at once, then the same through a router in front
	Tests/Clients/run
	Tests/Clients/run --fronted

counts:  ## Instructions and allocations per message of the dispatch path, against benchmarks/thresholds
	@scripts/setup --bench
	benchmarks/count --check

bench:  ## Plugboard and its peers in turns, in under 15 minutes: benchmarks/RESULTS.md (let nothing else run meanwhile)
	@scripts/setup --bench
	benchmarks/run

bench-quick:  ## The same in a minute, to see that it works; its figures, in .build/bench, are worth nothing
	@scripts/setup --bench
	benchmarks/run --quick --no-nio

lint:  ## Checks the format
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Examples/Package.swift Examples/Sources benchmarks/Package.swift benchmarks/Sources benchmarks/peers/nio/Package.swift benchmarks/peers/nio/Sources

format:  ## Formats every Swift file
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Examples/Package.swift Examples/Sources benchmarks/Package.swift benchmarks/Sources benchmarks/peers/nio/Package.swift benchmarks/peers/nio/Sources

clean:  ## Removes everything built
	rm -rf .build
