# Each target is one or two commands that a person could type. `make lab` and `make test` are the ones to know.
# Another Python:  make PYTHON=python3.13 lab
PYTHON ?= python3
SETUP   = $(PYTHON) tools/setup_env.py
PY      = .venv/bin/python
COLAB   = .venv-colab/bin/python
# Recipes run under accelerate: on a processor one single-threaded process a core is fastest. With GPUs use
# `accelerate launch -m course_utils.training.unet` instead; nothing else changes.
CORES  ?= $(shell $(PY) -c "from course_utils.runtime import cores; print(cores())")
# Training takes and gives back much memory at every step; with this allocator, where it is installed
# (Debian's libtcmalloc-minimal4), a step takes 0.8 to 0.95 of the time. Another one: make ALLOCATOR=/its/path.so
ALLOCATOR ?= $(or $(LD_PRELOAD),$(firstword $(wildcard /usr/lib/*/libtcmalloc_minimal.so.4 /usr/lib64/libtcmalloc_minimal.so.4)))
RECIPE  = LD_PRELOAD=$(ALLOCATOR) OMP_NUM_THREADS=1 $(PY) -m torch.distributed.run --standalone --nproc_per_node $(CORES) -m course_utils.training
NOTEBOOK ?= notebooks/01_forward_process.ipynb
# JupyterLab refuses to start for root, which is whom a container usually has.
LAB_OPTIONS ?= $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

# For another machine:  make bundle BUNDLE="--platform windows --python-version 3.12"
BUNDLE ?=

# Several processes test at a time, a file each; what holds times against each other has the machine to itself.
BESIDE = -n logical --maxprocesses 4 --dist
GROUPS = $(BESIDE) loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup lab warm present voila test check test-slow lint format notebooks bench full-size site audits bundle test-colab clean train train-vae train-text train-latents \
        train-unet train-flow train-fast train-judges train-decoder assemble measure

help:  ## say what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | while IFS=: read -r name text; do printf '  make %-14s%s\n' "$$name" "$$text"; done

setup:  ## make .venv and install the tested set (seconds when it is there already)
	@$(SETUP)

lab: setup  ## open the course in JupyterLab
	$(PY) -m jupyterlab $(LAB_OPTIONS) notebooks/01_forward_process.ipynb

warm: setup  ## get every painter, its graphs and the judges ready ahead of a lesson, and say so
	$(PY) -m course_utils warm

present: setup  ## show a notebook as slides with live panels and large type: make present NOTEBOOK=notebooks/05_guidance.ipynb
	$(PY) tools/present.py $(NOTEBOOK) $(LAB_OPTIONS)

voila: setup  ## serve the notebooks as pages without code; each panel works as soon as it is there
	JUPYTER_PATH=$(CURDIR)/jupyter $(PY) -m voila notebooks --template=course

test: setup  ## run every test, and the five notebooks with the network off
	$(PY) -m pytest tests -m "not slow and not alone" $(GROUPS)
	$(PY) tools/offline.py $(PY) -m pytest --nbval --nbval-current-env notebooks/*.ipynb $(BESIDE) loadfile
	$(PY) -m pytest $$(grep -rl --include='test_*.py' 'mark\.alone' tests) -m "not slow and alone"

check: lint  ## lint, and run the quick tests that need neither browser nor graphs: a good minute
	$(PY) -m pytest tests --ignore=tests/browser -p no:nbval -m "not slow and not long and not browser and not graphs" $(GROUPS)

test-slow: setup  ## run the long tests, which take many minutes
	$(PY) -m pytest tests -m slow
	$(PY) tools/offline.py $(PY) -m pytest --nbval --nbval-current-env notebooks/de

lint: setup  ## check style and types of code and notebooks, and that all code is used
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) tools/unused.py

format: setup  ## apply ruff's fixes
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

notebooks: setup  ## run the five notebooks in place, offline, keep their outputs, and write the translated one anew
	$(PY) tools/first_cell.py --write notebooks
	$(PY) tools/offline.py $(PY) tools/run_notebooks.py notebooks
	$(PY) tools/contents.py --write notebooks
	$(PY) tools/slides.py --write notebooks
	$(PY) tools/translate.py de

bench: setup  ## measure the figures of the course, then how far the picture lags behind the mouse (needs chromium)
	$(PY) -m course_utils bench
	$(PY) tests/browser/latency.py
	$(PY) tests/browser/live_rate.py

full-size: setup  ## one guided step of a model as large as Stable Diffusion 1.5, random weights (8 GB of memory)
	$(PY) tools/full_size_step.py

site: setup  ## write the course as pages for any static host, five lessons and the painters in them
	$(PY) -m course_utils site site

audits:  ## let axe and Lighthouse look at the pages (installs both from npm into web/)
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	$(PY) -m pytest tests/browser/test_audits.py -m slow

bundle: setup  ## write the course, its packages and its galleries for a memory stick into bundle/
	$(PY) tools/bundle.py bundle $(BUNDLE)

test-colab:  ## run unit tests and notebooks with Google Colab's versions, and these in ipywidgets 7's front end
	@$(SETUP) --venv .venv-colab --constraints constraints-colab.txt --extras test,fast
	@$(SETUP) --venv .venv-colab-front --constraints constraints-colab-front.txt --front
	$(COLAB) -m pytest tests --ignore=tests/browser -m "not slow and not alone" $(GROUPS)
	$(COLAB) tools/offline.py $(COLAB) -m pytest --nbval --nbval-current-env notebooks/*.ipynb $(BESIDE) loadfile
	$(COLAB) -m pytest tests/browser/test_colab_front.py tests/browser/test_frames.py -m slow -k colab -o faulthandler_timeout=3600

train: setup  ## run all recipes below, one after the other; resumes where it stopped (days)
	LD_PRELOAD=$(ALLOCATOR) $(PY) -m course_utils.training.everything --cores $(CORES)

train-vae: setup  ## train the picture book's VAE; each recipe resumes where it stopped
	$(RECIPE).vae
	$(RECIPE).vae --refine --eyes data/models/judges

train-text: setup  ## train the text encoder and its picture encoder, CLIP's way
	$(RECIPE).text
	$(RECIPE).text --keep-text runs/text/final --steps 1000

train-latents: setup  ## encode the training pages with the trained VAE
	$(PY) -m course_utils.training.latents

train-unet: setup  ## train the painter's U-Net on them
	$(RECIPE).unet

train-flow: setup  ## train the language model on captions, then the flow-matching transformer
	$(RECIPE).language
	$(RECIPE).flow

train-fast: setup  ## distil the painter in data/models into one that needs a few passes
	$(PY) -m course_utils.training.walks
	$(RECIPE).fast

train-judges: setup  ## train both judges, and the eyes of distances
	$(RECIPE).judges --which first
	$(RECIPE).judges --which second --steps 9000
	$(RECIPE).judges --which features

train-decoder: setup  ## sharpen the VAE's decoder, with the first judge's eyes
	$(RECIPE).decoder

assemble: setup  ## put what was trained into data/models
	$(PY) -m course_utils.training.assemble

measure: setup  ## measure the painter: the figures of its card, the curves of the notebooks
	$(PY) -m course_utils.training.library
	$(PY) -m course_utils.training.measure

clean:  ## remove what the targets above made, the environments included
	rm -rf .venv .venv-colab .venv-colab-front site bundle .pytest_cache .mypy_cache .ruff_cache
