.PHONY: run test lab docs lint
run:
	python3 go.py run
test:
	python3 go.py test
lab:
	python3 go.py lab
docs:
	python3 go.py docs
lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m mypy siting
