.PHONY: run test lab lint
run:
	python3 go.py run
test:
	python3 go.py test
lab:
	python3 go.py lab
lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m mypy siting
