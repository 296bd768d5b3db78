.PHONY: help setup demo test engines test-engines verify clean

help:
	@echo 'make demo          set up what is missing, then the main job end to end on real data'
	@echo 'make test          set up what is missing, then the whole test suite on embedded services'
	@echo 'make verify        format, lint, types, import direction, dead code, migrations, unit tests'
	@echo 'make engines       install the real engines; then: make test-engines'
	@echo 'make clean         remove what the above made, installed packages included'

setup:
	@sh scripts/setup.sh

demo: setup
	@npx --no-install ivory demo

test:
	@sh scripts/setup.sh --with-redis
	@npm test --silent

verify: setup
	@npm run verify --silent

engines: setup
	@sh scripts/install-engines.sh

test-engines: setup
	@npm run test:engines --silent

clean:
	rm -rf node_modules .ivory .engines .results coverage
