# epochtime: set-up, build and tests. `make` alone lists what there is.
#
#   pygen/requirements → .venv → .native (links into the TensorFlow wheel) → bin/epochtime-worker, Go tests
#                              → graphs/NAME (from pygen's sources)
#   TF=… NAME=… → .natives/NAME → bin/workers/NAME (setup/worker)
#
# Each step leaves a file behind once it is complete, so a second make does only what changed. Progress is said on stderr.

TF := cpu
PYTHON := python3
NAME := # of make setup: makes the named worker bin/workers/NAME for TF, beside .venv
GO := go
NIGHTLY := # options of setup/nightly, as in make nightly NIGHTLY='cnn --launches 20 --strict'
FUZZTIME := # time of each fuzz target, as 30s; empty: an hour in all
FAULTS := # options of internal/faults, as in make faults FAULTS='-run nights/ -keep'
SOAK := # options of internal/soak, as in make soak SOAK='-steps 100000 -launches 20 -scripted 200'
AGREE := # scripts of internal/agree, whose fit has a fixed order, as in make agree AGREE=train.py
PIPELINES := # options of epochtime ab, as in make pipelines PIPELINES='--launches 12'
PREFIX := /usr/local
DESTDIR :=
CHECKOUTS := # of make corpus: the folder that holds OWNER/NAME of each repository
CORPUS_PYTHON := # of make corpus: the Python of the environment that setup/corpus/README.md makes
CORPUS := # options of setup/corpus/run, as in make corpus CHECKOUTS=… CORPUS_PYTHON=… CORPUS='1 2 --seconds 600'
FORETOLD := # options of internal/foretold, as in make foretold FORETOLD='-launches 6 -seconds 2 -models mlp,lstm'
GRAPHS := # of make bundle: the graphs to pack, as in make bundle GRAPHS='cnn gru'; empty: the suite procurement
BUNDLE := # options of epochtime bundle, as in make bundle BUNDLE='--out ours.tar.gz'
ARCH := # of make bundle: arm64 builds and packs the programs for that architecture
DEVICE := # of make report: gpu measures the GPU in place of the CPU
TUNE := 2m# of make report: how long to search the best settings of each model
REPORT := # options of epochtime run, as in make report REPORT="--machine-name lab --price 'EUR 2.48/h'"
PEERS := # options of internal/peers, as in make peers PEERS='--launches 9 --models rnn,gpt'
-include setup/choices.mk # the TF and PYTHON of the last set-up, written by setup/venv
override TF := $(if $(findstring /,$(TF)),$(abspath $(TF)),$(TF))
export GO
# Settings for other Pythons would reach into .venv.
unexport PYTHONHOME PYTHONPATH

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SILENT:
SHELL := /bin/sh
.SHELLFLAGS := -euc
.PHONY: help named bench corpus foretold peers nightly report bundle gate-check faults soak agree pipelines setup runtimes build man install graphs graphs-zoo test test-setup test-go test-faults test-library test-py test-smoke test-bundle test-fleet test-zoo check fmt env lock third-party audit fuzz clean prerequisites FORCE

ARTICLE := linear cnn rnn
MODELS := mlp lstm gru
DIGITS := mlp cnn
VARIANTS := gru-fused gru-jit mlp-jit
OTHERS := $(MODELS) $(DIGITS:%=%-digits) $(ARTICLE:%=%-jit) $(MODELS:%=%-jit) gru-fused mlp-replicas2
PYGEN := $(shell find pygen -name '*.py' ! -path '*/tests/*' ! -path 'pygen/peers/*')
GO_FILES := $(wildcard go.mod go.sum) $(shell find cmd harness internal \( -type d -o -type f ! -name '*_test.go' \) ! -path '*/testdata*')
PY := .venv/bin/python
WORKERS := $(wildcard bin/workers/*/epochtime-worker)
REQUIREMENTS := $(wildcard pygen/requirements/$(TF).txt)
NATIVE_ENV := . .native/env

# $(call missing,NAMES): FORCE if one of these graphs is not there, whatever the stamps say.
missing = $(if $(filter-out $(wildcard graphs/*/graph.json),$(1:%=graphs/%/graph.json)),FORCE)

help: ## this list
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	printf '\nVariables, given as make NAME=value (TF and PYTHON are remembered in setup/choices.mk):\n'
	printf '  %-26s %s\n' 'TF=cpu|gpu|/path/to/venv' 'which TensorFlow; now: $(TF)' \
		'NAME=tf220' 'make setup: a worker of that name for TF, which may be nightly too, beside .venv' \
		'PREFIX=/usr/local' 'where make install puts things; now: $(PREFIX)' 'PYTHON=python3.12' 'the Python that makes .venv; now: $(PYTHON)' 'GO=/usr/local/go/bin/go' 'the Go command; now: $(GO)'

bench: prerequisites graphs/.article build ## set everything up and time the three models of the article
	bin/epochtime run --suite article

peers: .venv-runtimes/ready bin/c-loop build ## compare epoch times with Keras, PyTorch, JAX and a C loop: docs/peers.md (hours; goes on where it was)
	$(GO) run ./internal/peers $(PEERS)

foretold: build graphs ## how far estimates are off, for six models: docs/estimate.md (half an hour; goes on where it was)
	$(GO) run ./internal/foretold $(FORETOLD)

corpus: build ## run forty public scripts as they are, given CHECKOUTS and CORPUS_PYTHON: setup/corpus/README.md (hours)
	[ -n '$(CHECKOUTS)' ] && [ -n '$(CORPUS_PYTHON)' ] || { echo 'make corpus: give CHECKOUTS=FOLDER and CORPUS_PYTHON=VENV/bin/python, which setup/corpus/README.md explains' >&2; exit 2; }
	'$(CORPUS_PYTHON)' setup/corpus/run '$(CHECKOUTS)' .corpus $(CORPUS)

report: build graphs/.procurement ## measure this machine as a purchase asks, at default and best settings: report.html (half an hour)
	names=$$($(PY) -c 'import json; print(*(m.removeprefix("keras:").lower() for m in json.load(open("pygen/suites.json"))["procurement"]))'); \
	TUNE='$(TUNE)' DEVICE='$(DEVICE)' SUITE=procurement setup/procurement bin/epochtime report.json $$names -- $(REPORT)
	bin/epochtime report report.json --format html --out report.html

bundle: build bin/installed/epochtime-worker $(if $(GRAPHS),,graphs/.procurement) ## pack what measures another machine: docs/procurement.md
	[ -z '$(ARCH)' ] || setup/cross '$(ARCH)'
	bin/epochtime bundle $(if $(GRAPHS),$(GRAPHS),--suite procurement $(VARIANTS:%=--variant %)) $(if $(ARCH),--programs 'bin/$(ARCH)') $(BUNDLE)

nightly: ## build, and measure against the last good build: docs/nightly.md
	+setup/nightly $(NIGHTLY)

setup: prerequisites $(if $(NAME),named,.native/ready) ## install TensorFlow into .venv and link its library; with NAME, make a worker of that name

named: prerequisites
	setup/worker '$(NAME)' '$(TF)' '$(PYTHON)'

runtimes: .venv-runtimes/ready ## install Keras with TensorFlow, JAX and PyTorch into .venv-runtimes, for --runtime fit-jax and fit-torch

build: bin/epochtime bin/epochtime-worker $(WORKERS) ## build the two programs, and the named workers

man: bin/man/ready ## make the manual pages, in bin/man

install: build man bin/installed/epochtime-worker ## install into PREFIX, from where it runs without this checkout
	DESTDIR='$(DESTDIR)' setup/install '$(abspath $(PREFIX))'

graphs: graphs/.article graphs/.others ## export all built-in models, also compiled by XLA

graphs-zoo: .venv/ready ## export the models of the suite "all" (some minutes)
	$(PY) -m pygen export --suite all --force --out graphs

test: test-setup test-go test-faults test-library test-py test-smoke test-bundle test-fleet ## run every test

gate-check: ## how often verdicts are wrong, and what they find: writes the tables of docs/statistics.md (some minutes)
	$(GO) run ./internal/gatecheck -doc docs/statistics.md

faults: build graphs/.article ## try every fault on the programs: writes the table of docs/reliability.md (some 20 minutes)
	$(GO) run ./internal/faults -doc docs/reliability.md $(FAULTS)

soak: .native/ready build graphs/.article ## 2 million steps and 2,200 launches: does anything grow? (half an hour)
	$(NATIVE_ENV); $(GO) run ./internal/soak $(SOAK)

agree: .native/ready ## train an epoch of scripts' own fits by Keras and from Go, and compare them (some minutes)
	$(NATIVE_ENV); $(GO) run ./internal/agree $(AGREE)

pipelines: build ## compare epochs of tf.data pipelines from Go with a Python loop's (some minutes)
	failed=0; \
	for kind in arrays records images texts; do \
		bin/epochtime ab testdata/pipelines/$$kind.py --a runtime=tf-function --b runtime=go --warmup 2 $(PIPELINES) || failed=1; \
	done; \
	exit $$failed

test-setup: ## test the set-up's checks (no network needed)
	setup/test
	setup/test-nightly
	setup/test-remote

test-go: .native/ready graphs build ## Go tests, with the race detector
	$(NATIVE_ENV); $(GO) test -race ./...

test-faults: build graphs/.article ## try the short form of the faults on the programs
	$(GO) run ./internal/faults -short

test-library: .native/ready graphs/.article ## build and run docs/examples/library outside the repository
	setup/test-library

test-py: .venv/ready-dev bin/c-loop ## Python tests
	$(PY) -m pytest -q pygen/tests
	$(PY) -m pytest -q -p no:cacheprovider setup

test-smoke: .venv/ready build man bin/installed/epochtime-worker ## export a few models of each kind, compare with Keras, train from Go
	setup/test-zoo smoke
	setup/test-install

test-bundle: build graphs/.article bin/installed/epochtime-worker ## pack a bundle, use it, and spoil it
	setup/test-bundle

test-fleet: build graphs/.article ## measure on eight workers behind an sshd of this machine, three of which fail
	setup/test-fleet

test-zoo: .venv/ready build ## the same with every model there is (some minutes)
	setup/test-zoo all

check: .native/ready .venv/ready-dev | prerequisites ## formatting, linters, builds for other systems
	setup/check-code

fmt: .venv/ready-dev ## format Go and Python
	$(GO) fmt ./...
	$(PY) -m ruff check --quiet --fix --select I pygen setup
	$(PY) -m ruff format --quiet pygen setup

env: .native/ready ## settings for running go test by hand: eval "$(make -s env)"
	cat .native/env

lock: ## make the lock files of pygen/requirements anew (after editing *.in)
	setup/lock $(PYTHON)

third-party: ## write THIRD_PARTY.md anew (after a change of go.mod or of the lock files)
	setup/third-party $(PYTHON)

audit: .native/ready ## ask the vulnerability databases about what ships (needs the network)
	setup/audit $(PYTHON)

fuzz: .native/ready ## run each fuzz target in turn: an hour, or FUZZTIME=30s each
	setup/fuzz $(FUZZTIME)

clean: ## remove everything that make made
	find graphs -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	rm -rf .venv .venv-runtimes .venvs .peers .foretold .native .natives .corpus bin report.json report.html setup/choices.mk .pytest_cache .ruff_cache
	find pygen setup \( -name __pycache__ -o -name .pytest_cache -o -name .ruff_cache \) -prune -exec rm -rf {} +

prerequisites: # names all that is missing, before any work begins
	setup/check-prerequisites go cc $(FOR_VENV)

# SET_UP is what .venv was made from, and where: virtual environments cannot be moved.
ifneq ($(SET_UP)$(wildcard .venv/ready),$(TF)|$(PYTHON)|$(CURDIR).venv/ready)
.venv/ready: FORCE
FOR_VENV = system $(if $(filter cpu gpu,$(TF)),'python=$(PYTHON)')
endif
.venv/ready: $(REQUIREMENTS) | prerequisites
	setup/venv '$(TF)' '$(PYTHON)'

.venv/ready-dev: .venv/ready pygen/requirements/dev.txt
	echo 'installing pytest and ruff into .venv …' >&2
	setup/pip-install .venv pygen/requirements/dev.txt --ignore-installed
	touch $@

# The library itself is a prerequisite too: a virtual environment named by TF may get another TensorFlow, or go away.
.native/ready: .venv/ready .native/lib/libtensorflow.so setup/link-native
	setup/link-native

.native/lib/libtensorflow.so: ;

.venv-runtimes/ready: pygen/requirements/runtimes.txt setup/without_cuda.py setup/runtimes | prerequisites
	setup/runtimes '$(PYTHON)'

graphs/.article: .venv/ready $(PYGEN) $(call missing,$(ARTICLE))
	echo 'exporting $(ARTICLE) …' >&2
	$(PY) -m pygen export $(ARTICLE) --force --out graphs
	touch $@

graphs/.others: .venv/ready $(PYGEN) $(wildcard testdata/digits.npz) $(call missing,$(OTHERS))
	echo 'exporting $(OTHERS) …' >&2
	$(PY) -m pygen export $(MODELS) --force --out graphs
	$(PY) -m pygen export $(ARTICLE) $(MODELS) --jit --force --out graphs
	$(PY) -m pygen export gru --fused --force --out graphs
	$(PY) -m pygen export mlp --replicas 2 --force --out graphs
	$(PY) -m pygen export $(DIGITS) --data testdata/digits.npz --force --out graphs
	touch $@

graphs/.procurement: .venv/ready $(PYGEN) pygen/suites.json
	echo 'exporting the suite procurement …' >&2
	$(PY) -m pygen export --suite procurement --force --out graphs
	$(PY) -m pygen export gru --fused --force --out graphs
	$(PY) -m pygen export gru mlp --jit --force --out graphs
	touch $@

bin/epochtime: $(GO_FILES) | prerequisites
	echo 'building $@ …' >&2
	CGO_ENABLED=0 $(GO) build -o $@ ./cmd/epochtime
	touch $@

bin/epochtime-worker: .native/ready $(GO_FILES)
	echo 'building $@ …' >&2
	$(NATIVE_ENV); $(GO) build -o $@ ./cmd/epochtime-worker
	touch $@

# The tool tells this one where TensorFlow is.
bin/installed/epochtime-worker: .native/ready $(GO_FILES)
	echo 'building $@ …' >&2
	. .native/env-installed; $(GO) build -o $@ ./cmd/epochtime-worker
	touch $@

$(WORKERS): bin/workers/%/epochtime-worker: $(GO_FILES) | prerequisites
	setup/worker '$*'

# The worker of internal/peers that is a bare loop in C.
bin/c-loop: .native/ready pygen/peers/c_loop.c
	mkdir -p bin
	$(NATIVE_ENV); eval "cc -O2 -Wall -Wextra -Werror $$CGO_CFLAGS pygen/peers/c_loop.c -o $@ $$CGO_LDFLAGS -ltensorflow"

# The pages come from the commands' own help.
bin/man/ready: $(GO_FILES) cmd/epochtime/man_test.go | prerequisites
	echo 'making the manual pages …' >&2
	rm -rf bin/man
	mkdir -p bin/man/man1
	CGO_ENABLED=0 $(GO) test ./cmd/epochtime -run '^TestManPages$$' -man '$(CURDIR)/bin/man/man1' >/dev/null
	touch $@
