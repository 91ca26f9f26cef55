"""Relais inside the Rasa process (Python 3.10, rasa 3.6.21): featurizer, classifier, input channel, tracker store."""
