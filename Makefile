PYTHON ?= python3

setup:
	@$(PYTHON) tools/bootstrap.py dev

.PHONY: setup
