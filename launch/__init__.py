"""Setting up and starting Relais: environments, model, training, seeds, and one supervisor for all processes.

Standard library only, for Python 3.9 or later: it runs before anything is installed.
"""
