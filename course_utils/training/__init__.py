"""The recipes that made the weights in data/models, one module and one command each."""
