# Everything a person types.
#   make run      the window; without a display, the main job in the terminal
#   make test     every test
#   make build    build/bin/countersign and build/bin/countersign-cli
#   make check    format, vet, lint, types, generated code
#   make kills    the demo, killed N=200 times
#   make tamper   copies of a workspace, forged
#   make fuzz     every parser, for FUZZTIME=60s each
#   make bench    the README's figures
#   make clients  the demo orgs, driven by Salesforce's own sf CLI; PROJECT=DIR takes a real project through them

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run

version := $(shell sed -n 's/.*"productVersion": "\(.*\)".*/\1/p' wails.json)
ldflags := -s -w -X countersign/backend/terminal.Version=$(version)
go_code := ./app/... ./backend/...
tools   := go tool -modfile=build/tools/go.mod
system  := $(shell uname)

# One set of flags for all that is compiled: a dependency is compiled once for
# vet, tests and what ships.
export GOFLAGS := $(strip $(GOFLAGS) -trimpath)

# How the window is linked. Debian 13 and Ubuntu 24.04 have WebKitGTK 4.1 only,
# so 4.1 is used everywhere.
window_tags := desktop,production
exe         :=
ifeq ($(system),Linux)
window_tags := $(window_tags),webkit2_41
else ifeq ($(system),Darwin)
export CGO_LDFLAGS := -framework UniformTypeIdentifiers
else
exe         := .exe
ldflags_gui := -H windowsgui
endif

# How often to kill, and how many bytes of each kind to forge (0: every one).
N ?= 200
n ?= 0

.PHONY: kills tamper planted fuzz bench bench-window run test build window cli check bindings windows browser package \
        test-go test-keychain test-frontend test-jsforce test-e2e test-window bridge screenshots clean clients

# A display is a Wayland one, or an X one that answers; macOS and Windows have one.
define has_display
  [ "$(system)" != Linux ] || [ -n "$${WAYLAND_DISPLAY:-}" ] || \
  { [ -n "$${DISPLAY:-}" ] && { ! command -v xset >/dev/null || timeout 10 xset q >/dev/null 2>&1; }; }
endef

run:
	@if $(has_display); then \
	  $(MAKE) --no-print-directory window; \
	  exec build/bin/countersign$(exe); \
	fi; \
	echo "No display: the main job runs on two demo orgs in the terminal."; \
	$(MAKE) --no-print-directory cli; \
	exec build/bin/countersign-cli$(exe) demo

build: window cli

window: frontend/dist/index.html
	@build/setup.sh window
	go build -tags $(window_tags) -ldflags "$(ldflags) $(ldflags_gui)" -o build/bin/countersign$(exe) .

# Without cgo and tags: no GTK, no WebKit, no npm.
cli:
	@build/setup.sh
	CGO_ENABLED=0 go build -ldflags "$(ldflags)" -o build/bin/countersign-cli$(exe) .

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@build/setup.sh window
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

frontend/dist/index.html: frontend/node_modules/.package-lock.json frontend/index.html frontend/vite.config.ts \
                          $(shell find frontend/src frontend/wailsjs -type f)
	cd frontend && npm run --silent build

# The generator is the app itself, built without GTK: it runs main up to the window.
bindings:
	CGO_ENABLED=0 go build -tags bindings -o build/.gen$(exe) .
	tsoutputtype=interfaces build/.gen$(exe) >/dev/null
	@rm -f build/.gen$(exe)

windows: frontend/dist/index.html
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -tags desktop,production -ldflags "$(ldflags) -H windowsgui" -o build/bin/windows/countersign.exe .
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -ldflags "$(ldflags)" -o build/bin/windows/countersign-cli.exe .

check: frontend/node_modules/.package-lock.json
	@unformatted=$$(gofmt -l main.go app backend build); \
	 [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	CGO_ENABLED=1 go vet -tags $(window_tags) . ./app/...
	CGO_ENABLED=1 go vet ./backend/...
	[ "$(system)" != Linux ] || CGO_ENABLED=1 go vet ./build/proof/...
	CGO_ENABLED=0 GOOS=windows go vet -tags desktop,production . $(go_code)
	go build -C build/tools -o ../bin/typecheck$(exe) ./typecheck
	build/bin/typecheck$(exe) darwin "" . $(go_code)
	cd frontend && npm run --silent lint && npm run --silent types
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; cp -R frontend/wailsjs "$$before"; \
	 $(MAKE) --no-print-directory bindings; \
	 diff -r "$$before/wailsjs" frontend/wailsjs || { echo "The bindings were out of date. They are written anew: commit frontend/wailsjs."; exit 1; }
	@echo "check: all good"

test: setup-test test-go test-keychain test-frontend test-jsforce test-e2e test-window windows
	@echo "test: all good"

.PHONY: setup-test
setup-test:
	@build/setup.sh test

# With the race detector; the exhaustive loops once more in full, without it.
# It does not look inside SQLite, which is C made into Go and five times slower
# under its eyes. Rooms that begin nothing at once by themselves run without it:
# it looks at them in the tests of those that use them. Of the workspace's tests
# it sees those in which several things happen at once. Most tests wait for an
# org most of the time: so several at once. Of deploy and store the run without
# the detector repeats what -short cuts.
at_once := Work|Reports|Closing|Listener|AnAttemptsLog|SameTime|Goroutines|Overwrite|SecondInstance
race    := CGO_ENABLED=1 go test -race -gcflags=modernc.org/...=-race=false -short -timeout 20m -p 3 -parallel 6
test-go: setup-test
	$(race) $$(go list $(go_code) | grep -vE '/(governance|ledger|metadata|workspace)$$')
	$(race) -run '$(at_once)' ./backend/workspace
	CGO_ENABLED=1 go test -timeout 20m -p 3 -parallel 6 ./backend/governance ./backend/ledger ./backend/metadata ./backend/workspace
	CGO_ENABLED=1 go test -timeout 20m -p 3 -parallel 6 -run 'Chaos|Killed|VeryMany' ./backend/deploy ./backend/store

# The real keyring, in a session of its own. One test starts a second session
# inside, whose keyring must not find the first through XDG_RUNTIME_DIR.
test-keychain: setup-test
	CGO_ENABLED=1 go test -race -c -o build/keychain.test ./backend/keychain
	@if [ "$(system)" = Linux ]; then session=build/session.sh; else session=; fi; \
	 COUNTERSIGN_TEST_KEYCHAIN=1 $$session build/keychain.test -test.v -test.timeout 2m

test-frontend: setup-test frontend/node_modules/.package-lock.json
	cd frontend && npm run --silent test

# Clients that are not ours drive demo orgs: jsforce in every test, and the sf
# CLI (half a gigabyte) with make clients.
build/clients/%/node_modules/.package-lock.json: build/clients/%/package-lock.json
	cd build/clients/$* && npm ci
	@touch $@

test-jsforce: setup-test cli build/clients/jsforce/node_modules/.package-lock.json
	node --test --test-reporter=spec build/clients/jsforce/jsforce.test.mjs

# PROJECT=DIR, in source or in metadata format: goes into a demo org as its seed
# and from there to the other one, and every file must keep its hash. Then only
# that is done.
PROJECT ?=
clients: cli build/clients/sf/node_modules/.package-lock.json
	cd build/clients/sf && PROJECT=$(abspath $(PROJECT)) ../alone.sh node --test --test-reporter=spec $(if $(PROJECT),project,sf).test.mjs

# The page in Chromium on the real backend, through the development bridge.
bridge: frontend/dist/index.html
	@build/setup.sh test
	go build -tags dev,webkit2_41 -o build/bin/countersign-browser .

test-e2e: setup-test bridge cli
	build/session.sh node --test --test-concurrency=2 build/e2e/*.test.mjs

# A PNG of every screen in every state, light and dark.
screenshots: bridge
	build/session.sh node build/e2e/screenshots.mjs build/screenshots

# The binary that ships, in a real window: the main job by mouse and keyboard,
# then by the keyboard alone.
test-window: setup-test window cli
	build/session.sh node --experimental-websocket --no-warnings build/smoke.mjs build/bin/countersign$(exe) build/bin/countersign-cli$(exe)
	build/session.sh node --experimental-websocket --no-warnings build/e2e/keyboard.mjs build/bin/countersign$(exe)

# The demo, killed at random moments N times on two served orgs: nothing lost,
# nothing stuck, nothing deployed twice.
kills:
	@build/setup.sh
	go run ./build/proof/kills -n $(N)

# Copies of a workspace, forged in every way: each is found for its reason, and
# nothing is deployed from it.
tamper:
	@build/setup.sh
	go run ./build/proof/tamper -n $(n)

# Both loops must find something when a fault is planted.
planted:
	@build/setup.sh
	go run ./build/proof/kills -planted -n 40
	go run ./build/proof/tamper -planted -n 16

# Every parser is fed with what nobody thought of. What is found lies in
# testdata/fuzz of its package, and fails the ordinary tests from then on.
FUZZTIME ?= 60s
fuzz:
	@build/setup.sh
	build/fuzz.sh $(FUZZTIME)

# The window comes last: it ends with an error when something takes longer than
# asked, and the other figures are there by then. Both use one large workspace.
bench:
	@data=$${COUNTERSIGN_BENCH_DATA:-}; \
	 if [ -z "$$data" ]; then data=$$(mktemp -d); trap 'rm -rf "$$data"' EXIT; fi; \
	 export COUNTERSIGN_BENCH_DATA="$$data"; \
	 go run ./build/proof/bench; \
	 $(MAKE) --no-print-directory bench-window

# The window that ships on 10,000 requests, 100,000 customizations and 100,000
# log entries, and on a deployment of 5,000 components. COUNTERSIGN_BENCH_DATA
# names a folder that is filled once and used again: filling takes minutes.
# PARTS="start screens lists deploy" chooses.
bench-window: setup-test window
	go build -o build/bin/bench ./build/proof/bench
	build/session.sh node --experimental-websocket --no-warnings build/e2e/bench.mjs build/bin/countersign$(exe) build/bin/bench $(PARTS)

# The same app in a browser on this machine, demo workspace only.
browser: bridge
	build/browser.sh build/bin/countersign-browser

package: window cli
	VERSION=$(version) ARCH=$$(go env GOARCH) $(tools) nfpm package --config build/linux/nfpm.yaml --packager deb --target build/bin/
	VERSION=$(version) ARCH=$$(go env GOARCH) $(tools) nfpm package --config build/linux/nfpm.yaml --packager rpm --target build/bin/

clean:
	rm -rf build/bin build/.gen build/*.test frontend/node_modules build/clients/*/node_modules
	find frontend/dist -mindepth 1 ! -name .gitkeep -delete
